import { readEnvironments } from './read-environments.ts';
import { isExampleAccount } from './example-accounts.ts';

test.each(['123456789012', '111111111111', '222222222222', '000000000000', '111122223333'])(
  '%s is the account of an example',
  (account) => expect(isExampleAccount(account)).toBe(true),
);

test.each(['210987654321', '111111111112', '123456789013'])("%s may be anybody's account", (account) =>
  expect(isExampleAccount(account)).toBe(false),
);

test('the file of this repository names examples only', () => {
  const { ci, environments } = readEnvironments();
  for (const { account } of [ci, ...environments.flatMap(({ targets }) => targets)])
    expect(isExampleAccount(account)).toBe(true);
});
