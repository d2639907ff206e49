import { join } from 'node:path';
import {
  deployGroups,
  type DeploymentEnvironment,
  type Environments,
  lookupRoleArns,
  recordParameterName,
} from './index.ts';

const targets = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    account: String(100000000000 + Math.floor(index / 10)),
    region: `eu-west-${index % 10}`,
  }));
const environment = (count: number, more: Partial<DeploymentEnvironment> = {}): DeploymentEnvironment => ({
  name: 'prod',
  approval: false,
  executionPolicies: [],
  roles: {},
  targets: targets(count),
  ...more,
});
const landscape = (...environments: DeploymentEnvironment[]): Environments => ({
  file: join('shop', 'environments.json'),
  qualifier: 'hnb659fds',
  executionPolicies: [],
  roles: {},
  ci: { account: '123456789012', region: 'eu-west-1' },
  pipeline: { name: 'shop', images: false, approveUpdates: false, cache: true },
  environments,
});
const sizes = (environments: Environments, index = 0) =>
  deployGroups(environments, environments.environments[index]!).map((group) => group.targets.length);

describe('the groups that an environment is deployed in', () => {
  test('are single targets where there are few, named after them', () => {
    const prod = environment(2);
    expect(deployGroups(landscape(prod), prod)).toEqual([
      { name: '100000000000-eu-west-0', targets: [prod.targets[0]] },
      { name: '100000000000-eu-west-1', targets: [prod.targets[1]] },
    ]);
  });

  test('share many targets evenly, in the order of the file, each in one group', () => {
    const prod = environment(1000);
    const groups = deployGroups(landscape(prod), prod);
    expect(groups.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 1}-of-20`));
    expect(groups.flatMap((group) => group.targets)).toEqual(prod.targets);
    expect(new Set(groups.map((group) => group.targets.length))).toEqual(new Set([50]));
  });

  test('get fewer where many environments share one pipeline, and one where an environment asks for it', () => {
    const many = landscape(...Array.from({ length: 10 }, () => environment(100)));
    expect(sizes(many)).toHaveLength(8);
    expect(sizes(many).reduce((sum, size) => sum + size)).toBe(100);
    expect(sizes(landscape(environment(30, { parallelActions: 1 })))).toEqual([30]);
  });
});

test('names carry the name of the pipeline, so that two can share an account', () => {
  const prod = environment(1);
  expect(recordParameterName(landscape(prod), 'prod', '1-of-4')).toBe('/shop/releases/prod/1-of-4');
  const environments = landscape(prod);
  const further = 'arn:aws:iam::123456789012:role/readers';
  expect(lookupRoleArns({ ...environments, ci: { ...environments.ci, lookupRoles: [further] } })).toEqual([
    'arn:aws:iam::123456789012:role/shop-lookups',
    further,
  ]);
});
