import { planRulesFor } from './plan-rules.ts';
import type { DeploymentEnvironment, PlanRule } from './model.ts';

const environment = (name: string, account: string, refuse?: PlanRule[]): DeploymentEnvironment => ({
  name,
  approval: false,
  executionPolicies: [],
  roles: {},
  targets: [{ account, region: 'eu-west-1' }],
  ...(refuse && { refuse }),
});

const STAGING = '111111111111/eu-west-1';
const PROD = '222222222222/eu-west-1';

const file = {
  plan: { refuse: ['widens-permissions'] as PlanRule[], accept: [] },
  environments: [environment('staging', '111111111111', []), environment('prod', '222222222222', ['deletes-stateful'])],
};

test.each<[string, string, PlanRule[]]>([
  ['staging/Data', STAGING, []],
  ['prod/Data', PROD, ['deletes-stateful']],
  // whatever it is called
  ['Data', PROD, ['widens-permissions', 'deletes-stateful']],
  ['Data', STAGING, ['widens-permissions']],
  ['Data', '333333333333/eu-west-1', ['widens-permissions']],
])('a plan of %s in %s is refused for %j', (stack, target, rules) => {
  expect(planRulesFor(file, stack, target)).toEqual(rules);
});

test('an environment that says nothing has the rules of the file, and a file without rules refuses nothing', () => {
  const plain = [environment('staging', '111111111111')];
  expect(planRulesFor({ ...file, environments: plain }, 'staging/Data', STAGING)).toEqual(['widens-permissions']);
  expect(planRulesFor({ environments: plain }, 'staging/Data', STAGING)).toEqual([]);
});
