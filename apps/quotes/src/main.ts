import { runApp } from '@nx-cdk/constructs';
import { readEnvironments } from '@nx-cdk/environments';
import { QuotesStage } from './quotes-stage.ts';

runApp((app) => {
  const { environments, qualifier } = readEnvironments(app.node.tryGetContext('nx-cdk:environments'));
  for (const { name, targets } of environments) new QuotesStage(app, name, { targets, qualifier });
});
