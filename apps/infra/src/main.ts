import { runApp } from '@nx-cdk/constructs';
import { EnvironmentsError, readEnvironments } from '@nx-cdk/environments';
import { RemovalPolicy } from 'aws-cdk-lib';
import { OrdersStage } from './orders-stage.ts';

runApp((app) => {
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
}, EnvironmentsError);
