import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environments } from '@nx-cdk/environments';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { HotswapRoleStack } from './hotswap-role.ts';
import { FEATURE_FLAGS } from './testing/feature-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'hotswap-role-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CI = '123456789012';
const TARGET = { account: '111111111111', region: 'eu-west-1' };

interface Statement {
  readonly Action: string | string[];
  readonly Resource: string | string[];
}

function given(target = TARGET) {
  const environments = { ci: { account: CI, region: 'eu-west-1' }, qualifier: 'shop01', pipeline: { name: 'shop' } };
  const app = new App({ context: FEATURE_FLAGS, analyticsReporting: false, outdir: mkdtempSync(join(folder, 'app-')) });
  const stack = new HotswapRoleStack(app, { target, environments: environments as Environments });
  const template = Template.fromStack(stack);
  const only = (type: string) => Object.values(template.findResources(type))[0]!['Properties'];
  return { app, stack, role: only('AWS::IAM::Role'), policy: only('AWS::IAM::Policy')['PolicyDocument'] };
}

/** The accounts that a trust policy names. */
function trustedBy(role: Record<string, { Statement: unknown }>): string[] {
  return [...JSON.stringify(role['AssumeRolePolicyDocument']!.Statement).matchAll(/\d{12}/g)].map(
    ([account]) => account,
  );
}

test('the role has a name of its region, and trusts its own account and the CI account', () => {
  const { role } = given();
  expect(role['RoleName']).toBe('shop-hotswap-eu-west-1');
  expect(trustedBy(role)).toEqual([TARGET.account, CI]);
});

test('where the CI account is the target, it is trusted once', () => {
  expect(trustedBy(given({ ...TARGET, account: CI }).role)).toEqual([CI]);
});

describe('what it may do', () => {
  const statements = () => given().policy.Statement as Statement[];
  const actions = () => statements().flatMap(({ Action }) => [Action].flat());

  test('is nothing that creates, deletes, or gives permissions', () => {
    expect(
      actions().filter((action) =>
        /:(Create|Delete|Put|Add|Attach|Tag|Execute|Invoke|Pass|Publish|Register)|\*/.test(action),
      ),
    ).toEqual([]);
  });

  test('is limited to the region and the account, by its resources', () => {
    const here = /:eu-west-1:111111111111:|^arn:aws:s3:::cdk-shop01-assets-111111111111-eu-west-1\//;
    for (const resource of statements().flatMap((one) => [one.Resource].flat())) expect(resource).toMatch(here);
  });
});

test('the AWS Solutions rules of cdk-nag find nothing that is not accepted', () => {
  const { app } = given();
  expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
});
