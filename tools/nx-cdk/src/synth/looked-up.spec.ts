import { missingIn, nameOfKey, placeOf, readKey } from './looked-up.ts';

describe('a key of cdk.context.json', () => {
  test.each([
    ['availability-zones:account=111111111111:region=eu-west-1', 'availability-zones of 111111111111/eu-west-1'],
    ['ssm:account=111111111111:parameterName=/shop/vpc:region=eu-west-1', 'ssm /shop/vpc of 111111111111/eu-west-1'],
    [
      'vpc-provider:account=111111111111:filter.isDefault=true:region=eu-west-1:returnAsymmetricSubnets=true',
      'vpc filter.isDefault=true of 111111111111/eu-west-1',
    ],
    [
      'ami:account=111111111111:filters.image-type.0=arn$:x$$y:region=eu-west-1',
      'ami filters.image-type.0=arn:x$y of 111111111111/eu-west-1',
    ],
  ])('%s is for people %s', (key, name) => {
    expect(nameOfKey(key)).toBe(name);
    expect(readKey(key)).toEqual({ name, account: '111111111111' });
  });

  test.each([
    'assume-role-credentials:readIamRoleName',
    '@aws-cdk/core:newStyleStackSynthesis',
    'ssm',
    'acknowledged-issue-numbers',
  ])('%s is none that was looked up', (key) => {
    expect(readKey(key)).toBeUndefined();
    expect(nameOfKey(key)).toBe(key);
  });
});

test('what is missing is looked up by the role that the app names for it', () => {
  const [account, region] = ['111111111111', 'eu-west-1'];
  const props = { account, region, lookupRoleArn: 'arn:lookup', lookupRoleExternalId: 'id' };
  expect(placeOf({ key: 'k', provider: 'ssm', props } as never)).toEqual({
    account,
    region,
    role: { arn: 'arn:lookup', externalId: 'id', options: undefined },
  });
  expect(placeOf({ key: 'k', provider: 'ssm', props: { account, region } } as never)).toEqual({ account, region });
});

test('a folder without an assembly misses nothing', () => {
  expect(missingIn('/nowhere')).toEqual([]);
});
