import { chooseKeys, compareValues, showValues } from './values.ts';

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

const ssm = (name: string) => `ssm:account=111111111111:parameterName=/${name}:region=eu-west-1`;

const VALUES = compareValues(
  { [ssm('same')]: ['a'], [ssm('other')]: 'old', [ssm('gone')]: 'x', [ssm('kept')]: 'k', mine: 1 },
  { [ssm('same')]: ['a'], [ssm('other')]: 'new', [ssm('kept')]: 'k', [ssm('first')]: 'f', mine: 2 },
  new Set([ssm('same'), ssm('other'), ssm('gone')]),
);

test('each looked-up value is added, changed, unchanged, kept or unused; others are not spoken of', () => {
  expect(Object.fromEntries(VALUES.map(({ name, outcome }) => [name.split(' ')[1], outcome]))).toEqual({
    '/first': 'added',
    '/gone': 'unused',
    '/kept': 'kept',
    '/other': 'changed',
    '/same': 'unchanged',
  });
});

test('the table says what it was, what it is, and what that means', () => {
  const lines = showValues(VALUES).split('\n').slice(2);
  expect(lines.map((line) => line.trim().replace(/ {2,}/g, ' | '))).toEqual([
    'ssm /first of 111111111111/eu-west-1 | f | added',
    'ssm /gone of 111111111111/eu-west-1 | x | removed: not used any more',
    'ssm /kept of 111111111111/eu-west-1 | k | kept',
    'ssm /other of 111111111111/eu-west-1 | old -> new | changed',
    'ssm /same of 111111111111/eu-west-1 | ["a"] | unchanged',
  ]);
});

test('a long value is cut', () => {
  const [value] = compareValues({}, { [ssm('long')]: 'x'.repeat(1000) }, new Set());
  expect(showValues([value!])).toContain(`${'x'.repeat(59)}…`);
  expect(showValues([value!])).not.toContain('x'.repeat(60));
});
