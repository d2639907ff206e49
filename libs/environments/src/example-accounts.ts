/**
 * Whether an account is one of those that examples are written with, such as 123456789012 and 111111111111: AWS's own
 * pages use them, and so does an `environments.json` that nobody has edited yet. They belong to nobody that a
 * workspace could mean, so that nothing may trust them.
 */
export function isExampleAccount(account: string): boolean {
  return /^(123456789012|111122223333|444455556666|777788889999|(\d)\2{11})$/.test(account);
}
