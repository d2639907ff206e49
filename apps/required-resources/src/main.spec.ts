import { firstTargets, ReadOnlyStage } from '@nx-cdk/constructs';
import { allTargets, readEnvironments } from '@nx-cdk/environments';
import { App } from 'aws-cdk-lib';

test('every account of the environments gets the role, once', () => {
  const environments = readEnvironments();

  const stages = firstTargets(environments).map(
    ({ name, targets }) => new ReadOnlyStage(new App(), name, { targets, environments }),
  );

  const accounts = stages.flatMap((stage) => stage.synth().stacks.map((stack) => stack.environment.account));
  expect(accounts).toEqual([...new Set(allTargets(environments).map(({ account }) => account))]);
});
