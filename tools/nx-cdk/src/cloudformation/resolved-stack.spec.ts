import type { AwsClients } from '../aws/index.ts';
import { resolveStack } from './resolved-stack.ts';
import { assemblyOf, type TestStack } from './testing/assembly.ts';

const caller = {
  account: '123456789012',
  region: 'eu-central-1',
  partition: 'aws',
  arn: 'arn:aws:iam::123456789012:user/test',
};

async function targetOf(plan: Partial<TestStack>) {
  const asked: string[] = [];
  const assembly = assemblyOf([{ id: 'Data', ...plan }]);
  assembly.dispose();
  const aws = { caller: async () => (asked.push('caller'), caller) } as unknown as AwsClients;
  return { target: await resolveStack(assembly.stacks[0]!, aws), asked };
}

const deployRole = { arn: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/deploy-${AWS::Region}' };

describe('where a stack goes', () => {
  test('is known without a question where the assembly says it', async () => {
    const { target, asked } = await targetOf({
      deployRole,
      executionRoleArn: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/exec',
      templateUrl: 's3://bucket-${AWS::AccountId}/a/b.json',
    });

    expect(asked).toEqual([]);
    expect(target).toMatchObject({
      targetName: '111111111111/eu-west-1',
      session: { role: { arn: 'arn:aws:iam::111111111111:role/deploy-eu-west-1' } },
      executionRoleArn: 'arn:aws:iam::111111111111:role/exec',
      template: { url: 'https://s3.eu-west-1.amazonaws.com/bucket-111111111111/a/b.json' },
    });
  });

  test('is the place of the caller where the assembly leaves it open', async () => {
    const { target } = await targetOf({ deployRole, account: 'unknown-account', region: 'unknown-region' });

    expect(target.targetName).toBe('123456789012/eu-central-1');
  });

  test('has names of its own in another partition', async () => {
    const { target } = await targetOf({ deployRole, region: 'cn-north-1', templateUrl: 's3://bucket/key' });

    expect(target.session.role?.arn).toMatch(/^arn:aws-cn:/);
    expect(target.template?.url).toBe('https://s3.cn-north-1.amazonaws.com.cn/bucket/key');
  });

  test('has to be the account of the caller where there is no deploy role', async () => {
    await expect(targetOf({})).rejects.toMatchObject({
      code: 'WrongAccount',
      message: expect.stringMatching(/111111111111.*123456789012/),
    });
    await expect(targetOf({ account: '123456789012' })).resolves.toMatchObject({
      target: { session: { account: '123456789012' } },
    });
  });
});
