import { firstTargets, ReadOnlyStage, runApp } from '@nx-cdk/constructs';
import { readEnvironments } from '@nx-cdk/environments';

runApp((app) => {
  // cdk.json names the file, so that `-c nx-cdk:environments=<file>` can name another one.
  const environments = readEnvironments(app.node.tryGetContext('nx-cdk:environments'));
  for (const { name, targets } of firstTargets(environments)) {
    new ReadOnlyStage(app, name, { targets, environments });
  }
});
