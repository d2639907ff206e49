import type { Environments, NamedRoles } from './model.ts';
import { admittedRoleArns, bootstrapRoleArn } from './index.ts';

const STAGING = { account: '111111111111', region: 'eu-west-1' };
const PROD = { account: '222222222222', region: 'us-east-1' };
const CI = { account: '123456789012', region: 'eu-west-1' };

function file(general: NamedRoles = {}, ofProd: NamedRoles = general): Environments {
  return {
    ci: CI,
    qualifier: 'shop01',
    roles: general,
    environments: [
      { name: 'staging', roles: general, targets: [STAGING] },
      { name: 'prod', roles: ofProd, targets: [PROD] },
    ],
  } as unknown as Environments;
}

test('the roles of a target are those of its bootstrap, and of the kind that is asked for', () => {
  expect(admittedRoleArns(file(), 'deploy', STAGING)).toEqual([bootstrapRoleArn('deploy', STAGING, 'shop01')]);
  expect(admittedRoleArns(file(), 'cfn-exec', CI)).toEqual([bootstrapRoleArn('cfn-exec', CI, 'shop01')]);
});

test('no role of another target, and of another environment than the one that is asked for', () => {
  expect(admittedRoleArns(file(), 'deploy', { ...STAGING, region: 'us-east-1' })).toBeUndefined();
  expect(admittedRoleArns(file(), 'deploy', PROD, 'staging')).toBeUndefined();
  expect(admittedRoleArns(file(), 'deploy', CI, 'staging')).toBeUndefined();
});

test('further roles are named by kind, with placeholders, and by the qualifier of another bootstrap', () => {
  const named = file({ qualifiers: ['legacy'], deploy: ['team/deploy-${AWS::Region}'], lookup: ['look'] });
  expect(admittedRoleArns(named, 'deploy', STAGING)).toEqual([
    bootstrapRoleArn('deploy', STAGING, 'shop01'),
    bootstrapRoleArn('deploy', STAGING, 'legacy'),
    'arn:aws:iam::111111111111:role/team/deploy-eu-west-1',
  ]);
});

test('an environment with roles of its own has none of the general ones', () => {
  const named = file({ deploy: ['general'] }, { deploy: ['of-prod'] });
  expect(admittedRoleArns(named, 'deploy', PROD)).toEqual([
    bootstrapRoleArn('deploy', PROD, 'shop01'),
    'arn:aws:iam::222222222222:role/of-prod',
  ]);
});
