import { PipelineError } from '@libs/constructs';
import { EnvironmentsError, readEnvironments } from '@libs/environments';
import { App } from 'aws-cdk-lib';
import { PipelineStack } from './pipeline-stack.ts';

const app = new App({
  // The AWS::CDK::Metadata resource would be one more thing that changes with every release of CDK.
  analyticsReporting: false,
});

try {
  // cdk.json names the file, so that `-c nx-cdk:pipeline=<file>` can name another one.
  new PipelineStack(app, 'Pipeline', readEnvironments(app.node.tryGetContext('nx-cdk:pipeline')));
} catch (error) {
  if (!(error instanceof EnvironmentsError || error instanceof PipelineError)) throw error;
  // Both say what to do in one sentence; a stack trace would hide it. Left at once: CDK synthesizes an app, however
  // unfinished, when its process runs out of work.
  console.error(error.message);
  process.exit(1);
}
