import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironments } from '@nx-cdk/environments';
import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { firstTargets, ReadOnlyStage } from './read-only-stage.ts';
import { FEATURE_FLAGS } from './testing/feature-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'required-resources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const target = (account: string, region: string) => ({ account, region });
const [A, B] = ['111111111111', '222222222222'];

/** The stages of an environments file, in an app as the CDK CLI would start it. */
function given(environments: Record<string, object[]>, extra: object = {}) {
  const file = join(mkdtempSync(join(folder, 'file-')), 'environments.json');
  const listed = Object.entries(environments).map(([name, targets]) => ({ name, targets }));
  const ci = { account: '123456789012', region: 'eu-west-1', ...extra };
  writeFileSync(file, JSON.stringify({ ci, qualifier: 'shop01', environments: listed }));
  const read = readEnvironments(file);
  const app = new App({ context: FEATURE_FLAGS, analyticsReporting: false, outdir: mkdtempSync(join(folder, 'app-')) });
  const stages = firstTargets(read).map(
    ({ name, targets }) => new ReadOnlyStage(app, name, { targets, environments: read }),
  );
  return { app, stages, stacks: stages.flatMap((stage) => stage.synth().stacks) };
}

describe('the stacks', () => {
  test('are one an account: a second region, and a later environment, has the role already', () => {
    const { stacks } = given({
      staging: [target(A, 'eu-west-1'), target(A, 'us-east-1')],
      prod: [target(A, 'eu-central-1'), target(B, 'us-east-1')],
    });
    expect(stacks.map(({ hierarchicalId }) => hierarchicalId)).toEqual([
      `staging/ReadOnlyRole-${A}-eu-west-1`,
      `prod/ReadOnlyRole-${B}-us-east-1`,
    ]);
  });

  test('are none for an environment whose accounts all had their turn', () => {
    const { stages } = given({ staging: [target(A, 'eu-west-1')], prod: [target(A, 'us-east-1')] });
    expect(stages.map(({ stageName }) => stageName)).toEqual(['staging']);
  });

  test('go through the bootstrap of the file’s qualifier', () => {
    const { stacks } = given({ staging: [target(A, 'eu-west-1')] });
    expect(stacks[0]?.assumeRoleArn).toContain('cdk-shop01-deploy-role-');
  });
});

test('the role trusts the roles of the CI account that may look things up, and no other', () => {
  const lookupRoles = ['arn:aws:iam::123456789012:role/nightly'];
  const { stacks } = given({ staging: [target(A, 'eu-west-1')] }, { lookupRoles });
  const role = Object.values<{ Type: string; Properties: Record<string, never> }>(stacks[0]?.template.Resources).find(
    ({ Type }) => Type === 'AWS::IAM::Role',
  );
  expect(role?.Properties).toMatchObject({
    RoleName: 'cdk-readOnlyRole',
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Principal: { AWS: 'arn:aws:iam::123456789012:root' },
          Condition: {
            ArnEquals: { 'aws:PrincipalArn': ['arn:aws:iam::123456789012:role/nx-cdk-lookups', ...lookupRoles] },
          },
        },
      ],
    },
  });
});

describe('the AWS Solutions rules of cdk-nag', () => {
  test('find nothing that is not accepted', () => {
    const { app } = given({ staging: [target(A, 'eu-west-1')], prod: [target(B, 'us-east-1')] });
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
  });

  test('everything accepted is needed, and has a reason that a reviewer can judge', () => {
    const { app } = given({ staging: [target(A, 'eu-west-1')] });
    const reasons: unknown[] = [];
    for (const { node } of app.node.findAll()) {
      const accepted = node.metadata.filter(({ type }) => type === 'aws:cdk:acknowledged-rules');
      reasons.push(...accepted.flatMap(({ data }) => Object.values(data as object)));
      const others = node.metadata.filter(({ type }) => type !== 'aws:cdk:acknowledged-rules');
      Object.defineProperty(node, 'metadata', { value: others });
    }
    expect(reasons).toEqual([expect.stringMatching(/^[A-Z].{20,}\.$/)]);
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual([expect.stringContaining('AwsSolutions-IAM4')]);
  });
});
