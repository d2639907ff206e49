import type { NamedRoles } from './model.ts';
import { admittedRoleArns, bootstrapRoleArn, type Environments, stagingBuckets } from './index.ts';

const STAGING = { account: '111111111111', region: 'eu-west-1' };
const BUCKET = 'cdk-shop01-assets-111111111111-eu-west-1';

function bucketsOf(roles: NamedRoles, kind: 'deploy' | 'file-publishing' | 'lookup' = 'deploy') {
  return stagingBuckets(kind, STAGING, { qualifier: 'shop01' }, { roles });
}

test('a target has the bucket of its bootstrap, and the role of the kind that is asked for works there', () => {
  for (const kind of ['deploy', 'file-publishing', 'lookup'] as const)
    expect(bucketsOf({}, kind)).toEqual([{ bucket: BUCKET, role: bootstrapRoleArn(kind, STAGING, 'shop01') }]);
});

const ROLES: NamedRoles = {
  qualifiers: ['legacy'],
  deploy: ['team/deploy-${AWS::Region}'],
  filePublishing: ['team/assets'],
};

test('further bootstraps have buckets of their own, and a role with a name of its own works in the first', () => {
  expect(bucketsOf(ROLES)).toEqual([
    { bucket: BUCKET, role: bootstrapRoleArn('deploy', STAGING, 'shop01') },
    {
      bucket: 'cdk-legacy-assets-111111111111-eu-west-1',
      role: bootstrapRoleArn('deploy', STAGING, 'legacy'),
    },
    { bucket: BUCKET, role: 'arn:aws:iam::111111111111:role/team/deploy-eu-west-1' },
  ]);
  expect(bucketsOf(ROLES, 'file-publishing').at(-1)).toEqual({
    bucket: BUCKET,
    role: 'arn:aws:iam::111111111111:role/team/assets',
  });
});

test('buckets with names of their own come first, with the placeholders of CDK, and no role works elsewhere', () => {
  const buckets = ['acme-${Qualifier}-${AWS::Region}', 'all-${AWS::AccountId}'];
  expect(bucketsOf({ buckets, qualifiers: ['legacy'] })).toEqual(
    ['shop01', 'legacy'].flatMap((qualifier) =>
      [`acme-${qualifier}-eu-west-1`, 'all-111111111111', `cdk-${qualifier}-assets-111111111111-eu-west-1`].map(
        (bucket) => ({ bucket, role: bootstrapRoleArn('deploy', STAGING, qualifier) }),
      ),
    ),
  );
});

test('every one of these roles is admitted, and no other one', () => {
  const environments = [{ name: 'staging', roles: ROLES, targets: [STAGING] }];
  const file = { ci: { ...STAGING, account: '123456789012' }, qualifier: 'shop01', roles: {}, environments };
  for (const kind of ['deploy', 'file-publishing', 'lookup'] as const)
    expect(new Set(bucketsOf(ROLES, kind).map(({ role }) => role))).toEqual(
      new Set(admittedRoleArns(file as unknown as Environments, kind, STAGING, 'staging')),
    );
});
