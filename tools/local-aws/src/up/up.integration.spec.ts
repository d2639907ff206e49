import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stateRoot } from '../locations.ts';
import { pythonEnvironment } from '../python-environment.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const URL = 'https://0123456789.execute-api.eu-west-1.amazonaws.com/prod/';

/** An Nx that notes what it is asked and with which AWS, and whose deployments succeed unless a file says otherwise. */
const NX = `const fs = require('node:fs');
const args = process.argv.slice(2);
const option = (name) => args.find((arg) => arg.startsWith(name))?.slice(name.length);
const configurations = { 'local-aws': {} };
const target = (name) => ({ executor: 'nx-cdk:' + name, configurations });
if (args[0] === 'graph') {
  const data = { targets: { bootstrap: target('bootstrap'), deploy: target('deploy') } };
  fs.writeFileSync(option('--file='), JSON.stringify({ graph: { nodes: { shop: { data } } } }));
} else {
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_PROFILE } = process.env;
  const aws = { endpoint: AWS_ENDPOINT_URL !== undefined, key: AWS_ACCESS_KEY_ID, profile: AWS_PROFILE };
  fs.appendFileSync('calls', JSON.stringify({ what: args[1], configuration: args[3], aws }) + '\\n');
  if (fs.existsSync('hang')) return void (console.log('hanging'), setInterval(() => {}, 1000));
  if (fs.existsSync('broken')) process.exit(1);
  const changes = { added: 2, modified: 0, removed: 0 };
  const stack = { id: 'staging/Shop', account: '111111111111', region: 'eu-west-1', outcome: 'created', changes, seconds: 1 };
  const report = { stacks: [{ ...stack, outputs: { ApiUrl: '${URL}' } }] };
  if (args[1] === 'shop:deploy') fs.writeFileSync(option('--report='), JSON.stringify(report));
}
`;

let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'up-')));
  await mkdir(join(root, 'node_modules/nx'), { recursive: true });
  await writeFile(join(root, 'nx.json'), '{}');
  await writeFile(join(root, 'node_modules/nx/package.json'), JSON.stringify({ bin: { nx: 'nx.js' } }));
  await writeFile(join(root, 'node_modules/nx/nx.js'), NX);
  // What takes up to a minute to install is shared with the tests of this workspace.
  await pythonEnvironment(() => {});
  await mkdir(join(root, '.local-aws'));
  for (const name of await readdir(stateRoot()))
    if (/^python-[0-9a-f]+$/.test(name)) await symlink(join(stateRoot(), name), join(root, '.local-aws', name));
});
afterEach(() => Promise.all(['broken', 'hang', 'calls'].map((name) => rm(join(root, name), { force: true }))));
afterAll(async () => {
  await run('stop');
  await rm(root, { recursive: true });
});

function start(...args: string[]): ChildProcess {
  const env = { ...process.env, AWS_PROFILE: 'company', AWS_ACCESS_KEY_ID: 'AKIA' };
  return spawn(process.execPath, ['--no-warnings', MAIN, ...args], { cwd: root, env, stdio: 'pipe' });
}

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(...args);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
  return { code, stdout, stderr };
}

const calls = async () =>
  (await readFile(join(root, 'calls'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);

test('starts the local AWS, bootstraps, deploys, and shows stacks and what their APIs say', async () => {
  const { code, stdout, stderr } = await run('up', 'shop', '--port=0');

  expect(stderr).toMatch(/Starting the local AWS\nThe local AWS runs: https:\/\/127\.0\.0\.1:\d+\n$/);
  expect(stdout).toMatch(
    /staging\/Shop +111111111111\/eu-west-1 +created: 2 added +1\.0 +https:\/\/0123456789\S+ +404/,
  );
  expect(stdout).toMatch(/1 of 1 stacks changed, \d+ s\. The local AWS runs on: npx local-aws stop ends it\.\n$/);
  expect(code).toBe(0);
  // Whatever the shell says of AWS, the targets get the local one.
  const aws = { endpoint: true, key: '111111111111' };
  expect(await calls()).toEqual([
    { what: 'shop:bootstrap', configuration: 'local-aws', aws },
    { what: 'shop:deploy', configuration: 'local-aws', aws },
  ]);
});

test('git ignores all that it keeps in the workspace, except for the file that Nx loads', async () => {
  expect(await readFile(join(root, '.local-aws/.gitignore'), 'utf8')).toBe('*\n');
  expect((await readdir(root)).toSorted()).toEqual(['.env.local-aws', '.local-aws', 'node_modules', 'nx.json']);
});

test('a step that fails ends it, with the command that goes on', async () => {
  await writeFile(join(root, 'broken'), '');

  const { code, stderr } = await run('up', 'shop');

  expect(stderr).toMatch(/Bootstrapping for shop failed, see above; then run npx local-aws up shop again\.\n$/);
  expect(code).toBe(1);
  expect(await calls()).toHaveLength(1);
});

test('Ctrl-C ends it with 130, and the local AWS runs on', async () => {
  await writeFile(join(root, 'hang'), '');
  const child = start('up', 'shop');
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const said = text(child.stderr!);
  await new Promise<void>((resolve) => {
    child.stdout!.on('data', (chunk) => String(chunk).includes('hanging') && resolve());
  });
  child.kill('SIGINT');

  expect(await ended).toBe(130);
  expect(await said).toMatch(/Interrupted; npx local-aws up shop picks up where this stopped\.\n$/);
  expect((await run('status')).code).toBe(0);
});

test('a project that is none is said before anything else happens', async () => {
  const { code, stderr } = await run('up', 'shopp');

  expect(stderr).toContain('shopp is no project of this workspace: there is shop.\n');
  expect(code).toBe(1);
});
