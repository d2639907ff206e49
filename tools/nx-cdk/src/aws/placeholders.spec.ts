import type { AwsClients } from './contract.ts';
import { resolveTarget, resolvePlaceholders, sessionFor } from './placeholders.ts';

const CALLER = {
  account: '333333333333',
  region: 'eu-central-1',
  partition: 'aws',
  arn: 'arn:aws:iam::333333333333:root',
};

describe('what an assembly leaves open', () => {
  test('is filled in from the environment, with the partition of its region', async () => {
    const aws = callerOf({ asked: 0 });
    const china = await resolveTarget(aws, { account: '111111111111', region: 'cn-north-1' });
    expect(
      sessionFor(china, 'deploy', {
        arn: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/r-${AWS::Region}',
        externalId: 'x',
      }),
    ).toEqual({
      account: '111111111111',
      region: 'cn-north-1',
      role: {
        kind: 'deploy',
        region: 'cn-north-1',
        arn: 'arn:aws-cn:iam::111111111111:role/r-cn-north-1',
        externalId: 'x',
      },
    });
    expect(resolvePlaceholders('${AWS::Region}/${AWS::Region}/${Other}', china)).toBe('cn-north-1/cn-north-1/${Other}');
  });

  test('is the caller’s own where the stack is environment-agnostic, each half by itself', async () => {
    const aws = callerOf({ asked: 0 });
    expect(await resolveTarget(aws, { account: 'unknown-account', region: 'unknown-region' })).toEqual({
      account: '333333333333',
      region: 'eu-central-1',
      partition: 'aws',
    });
    expect(await resolveTarget(aws, { account: 'unknown-account', region: 'us-gov-west-1' })).toEqual({
      account: '333333333333',
      region: 'us-gov-west-1',
      partition: 'aws-us-gov',
    });
  });

  test('nobody is asked who the caller is where the app says account and region', async () => {
    const count = { asked: 0 };
    await resolveTarget(callerOf(count), { account: '111111111111', region: 'eu-west-1' });
    expect(count.asked).toBe(0);
  });

  test('a stack without role is deployed by the caller', () => {
    expect(sessionFor({ account: '1', region: 'eu-west-1', partition: 'aws' }, 'deploy', undefined)).toEqual({
      account: '1',
      region: 'eu-west-1',
    });
  });
});

function callerOf(count: { asked: number }): AwsClients {
  return { caller: async () => ((count.asked += 1), CALLER) } as unknown as AwsClients;
}
