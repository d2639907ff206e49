import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environments } from '@nx-cdk/environments';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { GarbageRoleStack } from './garbage-role.ts';
import { FEATURE_FLAGS } from './testing/feature-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'garbage-role-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CI = '123456789012';
const [A, B] = ['111111111111', '222222222222'];

interface Statement {
  readonly Sid: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: object;
}

function given(account = A) {
  const targets = [account, B].flatMap((one) => ['eu-west-1', 'us-east-1'].map((region) => ({ account: one, region })));
  const environments = {
    ci: { account: CI, region: 'eu-west-1' },
    qualifier: 'shop01',
    pipeline: { name: 'shop' },
    environments: [
      { name: 'staging', targets: targets.slice(0, 1) },
      { name: 'prod', targets },
    ],
  } as unknown as Environments;
  const app = new App({ context: FEATURE_FLAGS, analyticsReporting: false, outdir: mkdtempSync(join(folder, 'app-')) });
  const template = Template.fromStack(new GarbageRoleStack(app, { target: targets[0]!, environments }));
  const only = (type: string) => Object.values(template.findResources(type))[0]!['Properties'];
  const statements = only('AWS::IAM::Policy')['PolicyDocument'].Statement as Statement[];
  const role = only('AWS::IAM::Role');
  const trusted = [...JSON.stringify(role['AssumeRolePolicyDocument'].Statement).matchAll(/\d{12}/g)];
  return { app, role, statements, trusted: trusted.map(([one]) => one) };
}

test('the role has one name in all accounts, and trusts its own and the CI account', () => {
  const { role, trusted } = given();
  expect(role['RoleName']).toBe('shop-gc');
  expect(trusted).toEqual([A, CI]);
  expect(given(CI).trusted).toEqual([CI]);
});

describe('what it may do', () => {
  const { statements } = given();
  const actions = statements.flatMap(({ Action }) => [Action].flat());

  test('is to read stacks, and to list and delete; it deletes no versions', () => {
    expect(actions.filter((action) => /Delete|Put|Create|Update|\*/.test(action))).toEqual([
      's3:PutObject',
      's3:DeleteObject',
      'ecr:BatchDeleteImage',
    ]);
  });

  test('is to write its own notes, and to read no object but records and notes', () => {
    const pathsOf = (sid: string) =>
      [statements.find(({ Sid }) => Sid === sid)!.Resource].flat().map((arn) => arn.replace(/^[^/]+/, ''));
    expect(new Set(pathsOf('WriteNotes'))).toEqual(new Set(['/garbage/*']));
    expect(new Set(pathsOf('ReadRecords'))).toEqual(new Set(['/garbage/*', '/publishing/*', '/releases/*']));
  });

  test('is limited to the bootstrap of the qualifier in all regions of the account', () => {
    const resources = statements.flatMap(({ Resource }) => [Resource].flat()).filter((one) => one !== '*');
    for (const resource of resources)
      expect(resource).toMatch(/cdk-shop01-(container-)?assets-111111111111-(eu-west-1|us-east-1)/);
    expect(statements.find(({ Resource }) => Resource === '*')).toMatchObject({
      Sid: 'ReadStacks',
      Condition: { StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'us-east-1'] } },
    });
  });
});

test('the AWS Solutions rules of cdk-nag find nothing that is not accepted', () => {
  const { app } = given();
  expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
});
