import { existsSync, readFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { open, openCommand, type Surroundings } from './open.ts';

const PAGE = '/shop/a b/$(touch x)/page.html';
const ADDRESS = 'file:///shop/a%20b/$(touch%20x)/page.html';

const at = (more: Partial<Surroundings>) => openCommand(PAGE, { platform: 'linux', env: {}, ci: false, ...more });

test.each([
  ['macOS', { platform: 'darwin' as const }, ['open', ADDRESS]],
  ['Windows', { platform: 'win32' as const }, ['rundll32', 'url.dll,FileProtocolHandler']],
  ['Linux with X', { env: { DISPLAY: ':0' } }, ['xdg-open', ADDRESS]],
  ['Linux with Wayland', { env: { WAYLAND_DISPLAY: 'wayland-0' } }, ['xdg-open', ADDRESS]],
  ['WSL', { env: { WSL_DISTRO_NAME: 'Ubuntu' } }, ['xdg-open', ADDRESS]],
  ['a browser of its own', { env: { BROWSER: 'firefox' } }, ['firefox', ADDRESS]],
  ['a list of them', { env: { BROWSER: 'firefox --new-tab:w3m' } }, ['firefox', '--new-tab', ADDRESS]],
  ['a place for the address', { env: { BROWSER: 'b --url=%s -x' } }, ['b', `--url=${ADDRESS}`, '-x']],
  ['a shell’s words in it', { env: { BROWSER: 'b; rm -rf $HOME' } }, ['b;', 'rm', '-rf', '$HOME', ADDRESS]],
])('on %s, this opens a page', (_, more, expected) => {
  expect(at(more)?.slice(0, expected.length)).toEqual(expected);
});

test.each([
  ['a CI', { ci: true, env: { DISPLAY: ':0', BROWSER: 'firefox' } }],
  ['Linux without a display', {}],
  ['a machine whose BROWSER is none', { platform: 'darwin' as const, env: { BROWSER: 'none' } }],
])('on %s, nothing does', (_, more) => {
  expect(at(more)).toBeUndefined();
});

describe('a browser that is started', () => {
  let workspace: TemporaryWorkspace;
  beforeEach(() => (workspace = temporaryWorkspace()));
  afterEach(() => workspace.dispose());

  test('gets the address as one argument, and no shell reads it', async () => {
    const said = workspace.path('said.json');
    const script = `const { writeFileSync, renameSync } = require('node:fs'); const [, to, ...args] = process.argv; writeFileSync(to + '.new', JSON.stringify(args)); renameSync(to + '.new', to);`;
    const started = await open([process.execPath, '-e', script, said, `file:///$(touch ${workspace.path('ran')});x`]);
    expect(started).toBe(true);
    while (!existsSync(said)) await new Promise((resolve) => setImmediate(resolve));
    expect(JSON.parse(readFileSync(said, 'utf8'))).toEqual([`file:///$(touch ${workspace.path('ran')});x`]);
    expect(existsSync(workspace.path('ran'))).toBe(false);
  });

  test('given a program that is not there, then it says so and does not throw', async () => {
    expect(await open([workspace.path('no-browser'), 'file:///x'])).toBe(false);
  });
});
