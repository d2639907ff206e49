import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '@nx-cdk/processes';
import { instanceOfUser } from './instance-of-user.ts';

const folder = mkdtempSync(join(tmpdir(), 'user-'));
/** No settings of this machine. */
const ALONE = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
beforeAll(() => git(folder, ['init', '--quiet']));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['Ada Lovelace', 'ada@acme.example', 'ada-lovelace'],
  ['Jos\u00e9 \u00c5ngstr\u00f6m', '', 'jose-angstrom'],
  ['\u5c71\u7530', 'yamada.taro@acme.example', 'yamada-taro'],
  ['A name that is longer than it may be', '', 'a-name-that-is-longe'],
  ['ends-at-dash-after-20 x', '', 'ends-at-dash-after-2'],
  ['', '', undefined],
])('given %p <%s> in git, it is %p', async (name, email, expected) => {
  await git(folder, ['config', 'user.name', name]);
  await git(folder, ['config', 'user.email', email]);
  expect(await instanceOfUser(folder, { ...ALONE, CI: 'false' })).toBe(expected);
});

test('in a CI there is none', async () => {
  await git(folder, ['config', 'user.name', 'Ada']);
  expect(await instanceOfUser(folder, { ...ALONE, CI: 'true' })).toBeUndefined();
});
