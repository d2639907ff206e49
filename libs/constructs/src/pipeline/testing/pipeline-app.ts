import { readEnvironments } from '@nx-cdk/environments';
import { runApp } from '../../run-app.ts';
import { PipelineStack } from '../pipeline-stack.ts';

// An app with a pipeline, for tests that run it in a process of its own.
runApp((app) => {
  const environments = readEnvironments(app.node.tryGetContext('nx-cdk:pipeline'));
  new PipelineStack(app, 'Pipeline', { environments });
});
