import { firstTargets, GarbageRoleStack, HotswapRoleStack, ReadOnlyStage, runApp } from '@nx-cdk/constructs';
import { readEnvironments } from '@nx-cdk/environments';
import { Stage } from 'aws-cdk-lib';

runApp((app) => {
  // cdk.json names the file, so that `-c nx-cdk:environments=<file>` can name another one.
  const environments = readEnvironments(app.node.tryGetContext('nx-cdk:environments'));
  for (const { name, targets } of firstTargets(environments)) {
    const stage = new ReadOnlyStage(app, name, { targets, environments });
    if (environments.garbageCollection !== true) continue;
    for (const target of targets) new GarbageRoleStack(stage, { target, environments });
  }
  for (const { name, targets } of environments.environments.filter(({ development }) => development)) {
    const stage = app.node.tryFindChild(name) ?? new Stage(app, name);
    for (const target of targets) new HotswapRoleStack(stage, { target, environments });
  }
});
