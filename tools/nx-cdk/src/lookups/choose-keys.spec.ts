import { chooseKeys } from './choose-keys.ts';

const ZONES = 'availability-zones:account=111111111111:region=eu-west-1';
const SSM = 'ssm:account=222222222222:parameterName=/shop/vpc:region=us-east-1';
const STORED = [ZONES, SSM, 'assume-role-credentials:readIamRoleName'];

describe('the values to look up again', () => {
  test.each([
    ['all of them where nothing is said', [], [ZONES, SSM]],
    ['a key as it is in the file', [ZONES], [ZONES]],
    ['a name as it is shown', ['ssm /shop/vpc of 222222222222/us-east-1'], [SSM]],
    ['everything of a kind', ['availability-zones*'], [ZONES]],
    ['everything of an account and region', ['*222222222222/us-east-1'], [SSM]],
    ['several patterns', ['ssm *', 'availability*'], [ZONES, SSM]],
  ])('are %s', (_, patterns, expected) => {
    expect([...chooseKeys(STORED, patterns)].toSorted()).toEqual(expected);
  });

  test('are never what nobody looked up', () => {
    expect(chooseKeys(STORED, ['*'])).not.toContain('assume-role-credentials:readIamRoleName');
  });

  test('have to be there: else the sentence names those that are', () => {
    expect(() => chooseKeys(STORED, ['vpc*'])).toThrow(
      expect.objectContaining({
        code: 'UnknownKey',
        message:
          'No value of cdk.context.json matches --key=vpc*: there are availability-zones of 111111111111/eu-west-1, ssm /shop/vpc of 222222222222/us-east-1.',
      }),
    );
    expect(() => chooseKeys([], ['vpc*'])).toThrow(/it holds no looked-up values at all\.$/);
  });
});
