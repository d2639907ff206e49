import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

let root: string;
beforeEach(() => {
  // given a fresh clone: the entry, a lockfile, and nothing installed
  root = mkdtempSync(join(tmpdir(), 'workspace-run-'));
  mkdirSync(join(root, 'tools/workspace'), { recursive: true });
  copyFileSync(join(import.meta.dirname, 'run.mjs'), join(root, 'tools/workspace/run.mjs'));
  writeFileSync(join(root, 'package-lock.json'), '{}');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('npm start, npm test and npm run matrix before anything is installed', () => {
  test.each([[[]], [['deploy']]])('know what they can be asked for, and say it (%j)', (args) => {
    expect(run(args)).toEqual({
      status: 1,
      output: 'Usage: node tools/workspace/run.mjs start|test|matrix [options]\n',
    });
  });

  test('say which Node is needed where this one is too old', () => {
    expect(run(['start'], onNode('18.20.4'))).toEqual({
      status: 1,
      output: 'Node 18.20.4 is too old: install Node 20 or later and run npm start again.\n',
    });
  });

  test('try npm install where npm ci refuses, and say what to check where both fail', () => {
    const { status, output } = run(['test'], [], npmThat('exit 1'));
    expect(status).toBe(1);
    expect(output).toMatch(
      /npm ci --ignore-scripts[^]*npm install --no-save --ignore-scripts[^]*check the network and npm's registry/,
    );
  });

  test('want a Node as new as the pinned one where npm does not bring that', () => {
    const { status, output } = run(['test'], onNode('22.12.0'), npmThat('mkdir -p node_modules'));
    expect(status).toBe(1);
    expect(output).toMatch(/npm ci --ignore-scripts[^]*Node 22\.12\.0 is too old: install Node 24 or later/);
  });

  test('install once for a lockfile, then hand over to the pinned Node with their options', () => {
    // given an npm that brings a Node which says how it was called
    const brings = `mkdir -p node_modules/.bin; printf '#!/bin/sh\\necho pinned "$@"; exit 7\\n' > node_modules/.bin/node; chmod +x node_modules/.bin/node`;
    const path = npmThat(brings);

    // when
    const [first, second] = [run(['start', '--port=4999'], [], path), run(['start', '--port=4999'], [], path)];
    // then the exit code is that of what was started
    expect(first.status).toBe(7);
    expect(first.output).toMatch(/npm ci[^]*pinned .*tools\/workspace\/src\/start\.ts --port=4999/);
    expect(second.output).not.toContain('npm ci');

    // when the lockfile is another one
    writeFileSync(join(root, 'package-lock.json'), '{ "changed": true }');
    // then
    expect(run(['start'], [], path).output).toContain('npm ci');
    expect(readFileSync(join(root, 'node_modules/.installed'), 'utf8')).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** Arguments of a Node that says that it is another version. */
function onNode(version: string): string[] {
  const value = `{value:{...process.versions,node:'${version}'}}`;
  return ['--import', `data:text/javascript,Object.defineProperty(process,'versions',${value})`];
}

/** A PATH on which npm says how it was called and then does something of the shell. */
function npmThat(does: string): string {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "npm $@"\n${does}\n`, { mode: 0o755 });
  return [bin, process.env['PATH']].join(delimiter);
}

function run(args: readonly string[], node: readonly string[] = [], path = process.env['PATH']) {
  const result = spawnSync(process.execPath, [...node, join(root, 'tools/workspace/run.mjs'), ...args], {
    encoding: 'utf8',
    env: { PATH: path },
  });
  return { status: result.status, output: result.stdout + result.stderr };
}
