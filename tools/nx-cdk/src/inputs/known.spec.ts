import { mkdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { keyOf } from './known.ts';
import { unfollowedIn } from './programs.ts';
import { type FollowedApp, followedApp } from './testing/followed-app.ts';

let app: FollowedApp;

beforeEach(() => {
  app = followedApp({
    'apps/shop/helper.cjs': 'module.exports = 1;',
    'apps/shop/esm.mjs': 'export default 1;',
    'outside/data.txt': 'one',
    'outside/assets/a.txt': 'a',
    'outside/assets/deep/b.txt': 'b',
  });
});
afterEach(() => app.workspace.dispose());

describe('a synthesis is done again after an edit of', () => {
  test.each([
    ['a file that it read', `fs.readFileSync('../../outside/data.txt')`, () => app.edited('outside/data.txt')],
    [
      'a file that it read by a promise',
      `fs.promises.readFile('../../outside/data.txt')`,
      () => app.edited('outside/data.txt'),
    ],
    [
      'a file that it read as a stream',
      `fs.createReadStream('../../outside/data.txt')`,
      () => app.edited('outside/data.txt'),
    ],
    [
      'a file of the same size',
      `fs.readFileSync('../../outside/data.txt')`,
      () => app.edited('outside/data.txt', 'two'),
    ],
    ['a file that it only looked at', `fs.statSync('../../outside/data.txt')`, () => app.edited('outside/data.txt')],
    ['a file that it copied', `fs.copyFileSync('../../outside/data.txt', 'out')`, () => app.edited('outside/data.txt')],
    [
      'a file deep in a folder that it copied',
      `fs.cpSync('../../outside/assets', 'out', { recursive: true })`,
      () => app.edited('outside/assets/deep/b.txt'),
    ],
    ['a folder that it listed', `fs.readdirSync('../../outside/assets')`, () => app.edited('outside/assets/new.txt')],
    [
      'a folder that it listed with all in it',
      `fs.readdirSync('../../outside', { recursive: true })`,
      () => app.edited('outside/assets/deep/new.txt'),
    ],
    [
      'a folder that it searched',
      `fs.globSync('../../outside/**/*.txt')`,
      () => app.edited('outside/assets/deep/new.txt'),
    ],
    ['a file that was not there', `fs.existsSync('../../outside/flag')`, () => app.edited('outside/flag')],
    [
      'a file that it opened, and that was not there',
      `try { fs.openSync('../../outside/flag') } catch {}`,
      () => app.edited('outside/flag'),
    ],
    ['a module', `require('./helper.cjs')`, () => app.edited('apps/shop/helper.cjs')],
    ['a module of another kind', `import('./esm.mjs')`, () => app.edited('apps/shop/esm.mjs')],
    ['what stands next to its modules', `require('./helper.cjs')`, () => app.edited('apps/shop/helper.js')],
    ['itself', '', () => app.edited('apps/shop/app.cjs')],
    [
      'a file that a program of Node read',
      `child.execSync('node -e "fs.readFileSync(process.argv[1])" ../../outside/data.txt')`,
      () => app.edited('outside/data.txt'),
    ],
    [
      'a file that another thread read',
      `new (require('node:worker_threads').Worker)('require("fs").readFileSync("../../outside/data.txt")', { eval: true })`,
      () => app.edited('outside/data.txt'),
    ],
    [
      'a file that it wrote itself',
      `fs.writeFileSync('made.txt', 'x'); fs.readFileSync('made.txt')`,
      () => app.edited('apps/shop/made.txt'),
    ],
    ['a variable that it asked for', `process.env.STAGE`, () => (app.environment['STAGE'] = 'prod')],
  ])('%s', (_, source, edit) => {
    // given a synthesis, which is the answer as long as nothing changes
    const key = app.synthesized(source);
    expect(app.nextKey()).toBe(key);
    // when
    edit();
    // then
    expect(app.nextKey()).not.toBe(key);
  });
});

describe('a synthesis is not done again', () => {
  test('if a file was only touched, and comes back if an edit is taken back', () => {
    const key = app.synthesized(`fs.readFileSync('../../outside/data.txt')`);
    utimesSync(app.workspace.path('outside/data.txt'), 1, 1);
    expect(app.nextKey()).toBe(key);
    app.edited('outside/data.txt');
    const other = app.synthesized(`fs.readFileSync('../../outside/data.txt')`);
    expect(other).not.toBe(key);
    app.edited('outside/data.txt', 'one');
    expect(app.nextKey()).toBe(key);
  });

  test('because of its own output, of temporary files and of what it did not read', () => {
    const key = app.synthesized(
      `fs.readdirSync('.'); fs.writeFileSync('gone', ''); fs.readFileSync('gone'); fs.rmSync('gone');`,
    );
    app.workspace.write('apps/shop/cdk.out/manifest.json', '{}');
    app.edited('outside/data.txt');
    expect(app.nextKey()).toBe(key);
  });

  test('in a copy of the workspace with other times', () => {
    const key = app.synthesized(`fs.readFileSync('../../outside/data.txt')`);
    const link = `${app.workspace.root}-link`;
    symlinkSync(app.workspace.root, link);
    try {
      expect(keyOf(['hash'], { ...app.place, workspaceRoot: link }, app.environment)).toBe(key);
    } finally {
      rmSync(link);
    }
  });
});

describe('a synthesis is never kept', () => {
  test.each([
    [
      'a program that cannot be followed',
      `child.execSync('git --version')`,
      'it started git, and what that reads is not known',
    ],
    ['one behind a shell', `child.spawnSync('cd . && python3 --version', { shell: true })`, 'it started python3, and'],
    [
      'a Node that is not followed',
      `child.execFileSync('node', ['-v'], { env: { PATH: process.env.PATH } })`,
      'it started node, and',
    ],
    [
      'the bundler of NodejsFunction',
      `child.execSync('npx --no-install esbuild --bundle helper.cjs --outfile=out.js', { stdio: 'ignore' })`,
      'it started esbuild, and',
    ],
    [
      'a thread that is not followed',
      `new (require('node:worker_threads').Worker)('', { eval: true, env: {} })`,
      'it used a thread with an environment of its own',
    ],
    [
      'a program that takes the place of its process',
      `process.execve('/usr/bin/env', ['env', 'git', '--version'], process.env)`,
      'it started env, and',
    ],
    [
      'a change meanwhile',
      `fs.readFileSync('../../outside/data.txt'); child.execFileSync('touch', ['../../outside/data.txt'])`,
      'data.txt changed meanwhile',
    ],
  ])('after %s', (_, source, obstacle) => {
    expect(app.followed(source).obstacles.join()).toContain(obstacle);
    expect(app.followed(source).reads).toBeUndefined();
  });

  test('unless the program is one whose reading the inputs cover', () => {
    expect(app.followed(`child.execSync('git --version')`, ['git']).reads).toBeDefined();
  });

  test.each([
    ['a runner of TypeScript', 'file:///x/node_modules/tsx/dist/register.cjs', 0, []],
    ['a thread of its own', '', 1, []],
    ['the app', 'file:///x/apps/shop/bundle.mjs', 0, ['esbuild']],
    ['the app, as the main module', '', 0, ['esbuild']],
  ])('if esbuild, which may bundle, is used by %s: %s', (_, parent, thread, programs) => {
    const main = 'file:///x/node_modules/esbuild/lib/main.js';
    const esbuild = app.workspace.path('bin/esbuild');
    app.workspace.write('bin/esbuild', 'a program');
    const log = [
      ['m', main, 'file:///x/node_modules/tsx/dist/register.cjs', 0],
      ['m', main, parent, thread],
      ['p', esbuild, ['--service=0.28.2', '--ping'], '/', '', true, 0],
    ];
    app.workspace.write('log/1.jsonl', log.map((entry) => JSON.stringify(entry)).join('\n'));
    expect(app.read(app.workspace.path('log')).programs).toEqual(programs);
  });

  test('if what it wrote down is cut off, which is no failure', () => {
    app.workspace.write('log/1.jsonl', '["f","/x",');
    expect(app.read(app.workspace.path('log'))).toMatchObject({
      obstacles: [expect.stringContaining('not all that it read')],
    });
  });

  test('if no Node could be followed at all', () => {
    mkdirSync(app.workspace.path('nothing'));
    expect(app.read(app.workspace.path('nothing')).reads).toBeUndefined();
  });

  test('if the app is written in another language, and one reason says so', () => {
    mkdirSync(app.workspace.path('nothing'));
    const place = { cwd: app.folder, path: process.env['PATH'] ?? '', followed: true };
    const unfollowed = unfollowedIn('python3 app.py', place);
    const { reads, obstacles } = app.read(app.workspace.path('nothing'), { unfollowed });
    expect(reads).toBeUndefined();
    expect(obstacles).toEqual(['it started python3, and what that reads is not known']);
  });
});

test.each([
  ['node bin/app.js', []],
  ['npx tsx bin/app.ts', []],
  ['STAGE=x npm run -s app && echo done', []],
  ['"node" "bin/my app.js" > log.txt 2>&1', []],
  ['python3 app.py', ['python3']],
  ['cd src && git rev-parse HEAD | node app.js', ['git']],
  ['node app.js --commit $(git rev-parse HEAD)', ['sh']],
  ['NODE_OPTIONS=--max-old-space-size=4096 node app.js', ['NODE_OPTIONS']],
  ['$TOOL app.js', ['sh']],
  ['node -e "(() => 1)()" \'a (b)\'', []],
  ['sh build.sh', ['sh']],
  ['sh -c "node app.js && git status"', ['git']],
])('the programs of "%s" that cannot be followed are %j', (line, expected) => {
  expect(unfollowedIn(line, { cwd: '/', path: process.env['PATH'] ?? '', followed: true })).toEqual(expected);
});
