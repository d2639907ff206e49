import { runApp } from '@nx-cdk/constructs';
import { EnvironmentsError, readEnvironments } from '@nx-cdk/environments';
import { PipelineStack } from './pipeline-stack.ts';

runApp((app) => {
  // cdk.json names the file, so that `-c nx-cdk:pipeline=<file>` can name another one.
  new PipelineStack(app, 'Pipeline', readEnvironments(app.node.tryGetContext('nx-cdk:pipeline')));
}, EnvironmentsError);
