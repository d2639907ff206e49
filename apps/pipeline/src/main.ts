import { PipelineStack, runApp } from '@nx-cdk/constructs';
import { readEnvironments } from '@nx-cdk/environments';

runApp((app) => {
  // cdk.json names the file, so that `-c nx-cdk:pipeline=<file>` can name another one.
  const environments = readEnvironments(app.node.tryGetContext('nx-cdk:pipeline'));
  new PipelineStack(app, 'Pipeline', { environments });
});
