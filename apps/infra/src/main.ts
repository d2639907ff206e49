import { UnbuiltHandlerError } from '@libs/constructs';
import { EnvironmentsError, readEnvironments } from '@libs/environments';
import { App, RemovalPolicy } from 'aws-cdk-lib';
import { OrdersStage } from './orders-stage.ts';

const app = new App({
  // The AWS::CDK::Metadata resource would be one more thing that changes with every release of CDK.
  analyticsReporting: false,
});

try {
  // cdk.json names the file, so that `-c nx-cdk:environments=<file>` can name another one.
  const { environments, qualifier } = readEnvironments(app.node.tryGetContext('nx-cdk:environments'));

  for (const { name, approval, targets } of environments) {
    new OrdersStage(app, name, {
      targets,
      qualifier,
      // If a person has to approve a deployment, its data is worth keeping; otherwise `destroy` leaves nothing behind.
      removalPolicy: approval ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
  }
} catch (error) {
  if (!(error instanceof EnvironmentsError || error instanceof UnbuiltHandlerError)) throw error;
  // Both say what to do in one sentence; a stack trace would hide it. Left at once: CDK synthesizes an app, however
  // unfinished, when its process runs out of work.
  console.error(error.message);
  process.exit(1);
}
