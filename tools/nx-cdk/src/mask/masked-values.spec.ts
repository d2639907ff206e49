import { maskedValues } from './masked-values.ts';

test.each([
  ['a number', ['VisibilityTimeout'], 30, 60],
  ['a single word', ['TracingConfig', 'Mode'], 'Active', 'PassThrough'],
  ['a position in a list does not hide it', ['KeySchema', '0', 'AttributeName'], 'id', 'name'],
])('%s is shown', (_, path, before, after) => {
  expect(maskedValues(path, before, after)).toEqual([before, after]);
});

test.each([
  ['a variable of a program', ['Environment', 'Variables', 'MODE'], 'old-one', 'new-one'],
  ['a password', ['MasterUserPassword'], 'old-one', 'new-one'],
  ['a variable in a list', ['ContainerDefinitions', '0', 'Environment', '1', 'Value'], 'old-one', 'new-one'],
  ['what is in a value of a secret place', ['Tags', '0', 'Value'], { of: 'old-one' }, 'new-one'],
  ['a text', ['Query'], 'select old-one', 'select new-one'],
  ['what AWS hides on one side', ['Setting'], '****', 'new-one'],
])('%s is hidden, and that it changed is not', (_, path, before, after) => {
  const [old, now] = maskedValues(path, before, after);
  expect(JSON.stringify([old, now])).not.toMatch(/old-one|new-one/);
  expect(now).not.toEqual(old);
});

test('a value that is not there stays that', () => {
  expect(maskedValues(['Password'], undefined, 'new-one')).toEqual([undefined, expect.not.stringMatching('new-one')]);
});
