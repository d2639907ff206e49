import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPhases } from './build-phases.ts';
import { parseBuildspec } from './buildspec.ts';
import { Shell } from './shell.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-phases-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs phases in a real bash; every command says what it is. */
async function run(phases: object, signal?: AbortSignal) {
  const lines: string[] = [];
  const env = { PATH: process.env['PATH'] ?? '', CODEBUILD_BUILD_SUCCEEDING: '1' };
  const shell = new Shell({ cwd: folder, scratch: folder, env, onLine: (line) => lines.push(line) });
  const spec = await parseBuildspec(JSON.stringify({ version: 0.2, phases }), 'a test');
  try {
    const tell = (text: string) => {
      const [, phase] = /^Entering phase (.*)$/.exec(text) ?? [];
      if (phase !== undefined) lines.push(`[${phase}]`);
    };
    const failed = await runPhases(spec, shell, tell, signal);
    return { failed, lines };
  } finally {
    shell.dispose();
  }
}

test('phases run in their order, whatever the order in the file, in one session', async () => {
  const { failed, lines } = await run({
    build: { commands: ['echo "$A"; mkdir sub; cd sub', 'B=2'] },
    install: { commands: ['A=1'] },
    post_build: { commands: ['bash -c \'echo "$B in $(basename "$PWD")"\''] },
  });

  expect(failed).toBeUndefined();
  expect(lines).toEqual(['[install]', '[build]', '1', '[post_build]', '2 in sub']);
});

test('a failing command ends its phase; finally runs, and knows', async () => {
  const { failed, lines } = await run({
    pre_build: {
      commands: ['echo before', 'exit 3', 'echo never'],
      finally: ['echo "finally $CODEBUILD_BUILD_SUCCEEDING $CODEBUILD_LAST_EXIT"'],
    },
    build: { commands: ['echo never'] },
  });

  expect(failed).toEqual({ phase: 'pre_build', command: 'exit 3', code: 3 });
  expect(lines).toEqual(['[pre_build]', 'before', 'finally 0 3']);
});

test('finally runs after success, too; failing, it fails the phase', async () => {
  const { failed, lines } = await run({
    install: { commands: ['true'], finally: ['echo finally', 'false'] },
    build: { commands: ['echo never'] },
  });

  expect(failed).toEqual({ phase: 'install', command: 'false', code: 1 });
  expect(lines).toEqual(['[install]', 'finally']);
});

test('after a failing build post_build runs, and the build has failed all the same', async () => {
  const { failed, lines } = await run({
    build: { commands: ['exit 4'] },
    post_build: { commands: ['echo "after $CODEBUILD_BUILD_SUCCEEDING"'] },
  });

  expect(failed).toMatchObject({ phase: 'build', code: 4 });
  expect(lines).toEqual(['[build]', '[post_build]', 'after 0']);
});

test.each([
  ['build', 'ABORT', ['[build]']],
  ['pre_build', 'CONTINUE', ['[pre_build]', '[post_build]', 'after']],
])('on-failure decides for %s: %s', async (phase, onFailure, expected) => {
  const { failed, lines } = await run({
    [phase]: { commands: ['false'], 'on-failure': onFailure },
    post_build: { commands: ['echo after'] },
  });

  expect(failed).toMatchObject({ phase });
  expect(lines).toEqual(expected);
});

test('what interrupts a build ends its command, and neither finally nor a later phase runs', async () => {
  const signal = AbortSignal.timeout(300);

  const { lines } = await run(
    { build: { commands: ['sleep 7200'], finally: ['echo never'] }, post_build: { commands: ['echo never'] } },
    signal,
  );

  expect(lines).toEqual(['[build]']);
});
