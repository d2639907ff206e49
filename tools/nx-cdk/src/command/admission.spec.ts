import type { Environments } from '@nx-cdk/environments';
import type { AssemblyStack, FileAsset } from '../assembly/index.ts';
import { admissionOf } from '../aws/index.ts';
import { admitStacks } from './admission.ts';

const STAGING = { account: '111111111111', region: 'eu-west-1' };
const PROD = { account: '222222222222', region: 'us-east-1' };
const STRANGER = { account: '666666666666', region: 'eu-west-1' };

type Target = typeof STAGING;

const role = (kind: string, { account, region }: Target) => ({
  arn: `arn:aws:iam::${account}:role/cdk-hnb659fds-${kind}-role-${account}-${region}`,
});

const FILE = {
  file: '/shop/environments.json',
  ci: { account: '123456789012', region: 'eu-west-1' },
  qualifier: 'hnb659fds',
  roles: {},
  environments: [
    { name: 'staging', roles: {}, targets: [STAGING] },
    { name: 'prod', roles: {}, targets: [PROD] },
  ],
} as unknown as Environments;

/** A stack as the default synthesizer makes it. */
function stack(id: string, target: Target, fields: Partial<AssemblyStack> = {}): AssemblyStack {
  const file = {
    assetId: 'abc',
    manifestFile: 'cdk.out/Data.assets.json',
    target,
    role: role('file-publishing', target),
  };
  return {
    id,
    manifestFile: 'cdk.out/manifest.json',
    target,
    deployRole: role('deploy', target),
    executionRoleArn: role('cfn-exec', target).arn,
    lookupRole: role('lookup', target),
    files: [file as unknown as FileAsset],
    images: [],
    ...fields,
  } as unknown as AssemblyStack;
}

function admitted(one: AssemblyStack, environments: Environments | undefined, environment?: string) {
  const admission = admissionOf({ environments, environment });
  const resolve = async (target: Target) =>
    target.account === 'unknown-account' ? { ...PROD, partition: 'aws' } : { ...target, partition: 'aws' };
  return admitStacks([one], { admission, environments, resolve });
}

test('what a default synthesizer makes is admitted in a target of its environment, and told', async () => {
  expect(await admitted(stack('staging/Data', STAGING), FILE, 'staging')).toEqual(['111111111111/eu-west-1']);
  expect(await admitted(stack('Loose', PROD), FILE)).toEqual(['222222222222/us-east-1']);
  expect(await admitted(stack('Data', STRANGER), undefined)).toEqual(['666666666666/eu-west-1']);
});

test.each<[string, AssemblyStack, string]>([
  ['a target of another environment', stack('staging/Data', PROD), 'no target of staging'],
  ['the target of nobody', stack('Loose', STRANGER), 'an account and region that no environment has'],
  [
    "the caller's own account, if it is another one",
    stack('staging/Data', { account: 'unknown-account', region: 'x' }),
    'no target of staging',
  ],
])('%s is refused', async (_, one, which) => {
  await expect(admitted(one, FILE)).rejects.toMatchObject({
    code: 'TargetNotAdmitted',
    message: expect.stringMatching(
      new RegExp(
        `^${one.id}: cdk.out/manifest.json sends it to [0-9]+/.*, which is ${which}: .*/shop/environments.json`,
      ),
    ),
  });
});

describe.each([
  ['with an environments file', FILE],
  ['without', undefined],
])('%s', (_, environments) => {
  test.each<[field: string, fields: Partial<AssemblyStack>]>([
    ['assumeRoleArn', { deployRole: role('deploy', PROD) }],
    ['assumeRoleArn', { deployRole: { arn: 'arn:aws:iam::111111111111:role/Administrator' } }],
    ['cloudFormationExecutionRoleArn', { executionRoleArn: 'arn:aws:iam::111111111111:role/Administrator' }],
    ['lookupRole.arn', { lookupRole: role('deploy', STAGING) }],
  ])('a stack may not name another role as %s', async (field, fields) => {
    await expect(admitted(stack('staging/Data', STAGING, fields), environments)).rejects.toMatchObject({
      code: 'RoleNotAdmitted',
      message: expect.stringMatching(
        `^staging/Data: ${field} in cdk.out/manifest.json is arn:aws:iam::.*, which is no `,
      ),
    });
  });

  test('an asset may not name another role', async () => {
    const files = [{ ...stack('x', STAGING).files[0]!, displayName: 'Code', role: role('deploy', STAGING) }];
    await expect(admitted(stack('staging/Data', STAGING, { files }), environments)).rejects.toMatchObject({
      code: 'RoleNotAdmitted',
      message: expect.stringMatching(
        /^Code: assumeRoleArn in cdk.out\/Data.assets.json is .* no publishing role for files/,
      ),
    });
  });
});
