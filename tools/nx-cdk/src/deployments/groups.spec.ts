import type { Environments, Target } from '@nx-cdk/environments';
import { recordedGroup, recordedGroups } from './groups.ts';

const target = (account: number): Target => ({ account: String(account).repeat(12), region: 'eu-west-1' });
const ENVIRONMENTS = {
  pipeline: { name: 'nx-cdk' },
  environments: [
    { name: 'staging', targets: [target(1)] },
    { name: 'prod', targets: [target(2), target(3)] },
    { name: 'edge', targets: [target(4), target(5), target(6)], parallelActions: 2 },
  ],
} as unknown as Environments;

test('every group of every environment has a parameter of its own', () => {
  expect(recordedGroups(ENVIRONMENTS).map(({ parameter }) => parameter)).toEqual([
    '/nx-cdk/releases/staging/111111111111-eu-west-1',
    '/nx-cdk/releases/prod/222222222222-eu-west-1',
    '/nx-cdk/releases/prod/333333333333-eu-west-1',
    '/nx-cdk/releases/edge/1-of-2',
    '/nx-cdk/releases/edge/666666666666-eu-west-1',
  ]);
});

test('the only group of an environment need not be named', () => {
  expect(recordedGroup(ENVIRONMENTS, 'staging').name).toBe('111111111111-eu-west-1');
  expect(recordedGroup(ENVIRONMENTS, 'edge', '1-of-2').targets).toEqual([target(4), target(5)]);
});

test.each([
  ['an environment', 'qa', undefined, 'There is no environment "qa": there are staging, prod, edge.'],
  ['a group', 'staging', 'x', 'staging has no group "x": there are 111111111111-eu-west-1.'],
  [
    'no group where there are several',
    'prod',
    undefined,
    'prod is deployed in several groups: name one with --group: 222222222222-eu-west-1, 333333333333-eu-west-1.',
  ],
])('naming %s that is not there is told with those there are', (_, environment, group, sentence) => {
  expect(() => recordedGroup(ENVIRONMENTS, environment, group)).toThrow(sentence);
});
