import { PipelineStack, runApp } from '@nx-cdk/constructs';
import { readEnvironments } from '@nx-cdk/environments';

runApp((app) => {
  // cdk.json names the file, so that `-c nx-cdk:pipeline=<file>` can name another one.
  new PipelineStack(app, 'Pipeline', readEnvironments(app.node.tryGetContext('nx-cdk:pipeline')));
});
