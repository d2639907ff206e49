import { runApp } from '@nx-cdk/constructs';
import { environmentsOf } from '@nx-cdk/environments';
import { OrdersStage } from './orders-stage.ts';

runApp((app) => {
  // cdk.json names the file, so that `-c nx-cdk:environments=<file>` can name another one.
  const { environments, qualifier } = environmentsOf(app);

  for (const { name, stageName, approval, targets } of environments) {
    // Where a person has to approve deployments, data is worth keeping. Elsewhere `nx destroy` leaves nothing behind.
    new OrdersStage(app, name, { stageName, targets, qualifier, keepData: approval });
  }
});
