import { runApp } from '@nx-cdk/constructs';
import { EnvironmentsError, readEnvironments } from '@nx-cdk/environments';
import { ReadOnlyStage, firstTargets } from './read-only-stage.ts';

runApp((app) => {
  // cdk.json names the file, so that `-c nx-cdk:environments=<file>` can name another one.
  const environments = readEnvironments(app.node.tryGetContext('nx-cdk:environments'));
  for (const { name, targets } of firstTargets(environments)) {
    new ReadOnlyStage(app, name, { targets, environments });
  }
}, EnvironmentsError);
