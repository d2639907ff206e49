import { globSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { buildPython } from './index.ts';
import { writeWheel } from './testing/wheel.ts';

let workspace: TemporaryWorkspace;
beforeEach(async () => {
  workspace = temporaryWorkspace({
    'libs/report/src/handler.py': 'import greeting\n',
    'libs/report/src/text/words.py': 'HELLO = "Hello"\n',
    'libs/report/src/__pycache__/handler.cpython-313.pyc': 'compiled',
    'libs/report/tests/test_handler.py': 'import handler\n',
  });
  mkdirSync(workspace.path('packages'));
  const packages = workspace.path('packages');
  await writeWheel(packages, {
    name: 'greeting',
    version: '1.0',
    tag: 'py3-none-any',
    content: 'import quick_words',
    requires: ['quick-words'],
    program: 'greet',
  });
  for (const machine of ['aarch64', 'x86_64']) {
    const tag = `cp313-cp313-manylinux_2_28_${machine}`;
    await writeWheel(packages, { name: 'quick_words', version: '2.1', tag, content: `MACHINE = '${machine}'` });
  }
});
afterEach(() => workspace.dispose());

const PINNED = 'greeting[fast]==1.0  # who is greeted\nQuick.Words == 2.1 \\\n  ; python_version > "3"\n';

describe('a handler in Python', () => {
  test('without requirements is its sources, without tests and what Python keeps', async () => {
    requirements('# nothing\n\n');
    expect(await build()).toBe(true);
    expect(files()).toEqual(['handler.py', 'text/words.py']);
  });

  test.each([
    ['arm64', 'aarch64'],
    ['x86_64', 'x86_64'],
  ] as const)('has the packages that it pins, as they are for %s', async (architecture, machine) => {
    requirements(PINNED);
    expect(await build({ architecture })).toBe(true);
    expect(files()).toEqual(expect.arrayContaining(['greeting.py', 'handler.py', 'quick_words.py']));
    expect(read('quick_words.py')).toBe(`MACHINE = '${machine}'`);
  });

  test('holds nothing that names this machine', async () => {
    requirements(PINNED);
    await build();
    const names = files();
    expect(names.filter((file) => /^bin\/|RECORD|INSTALLER|REQUESTED|__pycache__/.test(file))).toEqual([]);
    for (const file of names) expect([file, read(file).includes(workspace.root)]).toEqual([file, false]);
  });

  test('has nothing of an earlier build', async () => {
    workspace.write('libs/report/dist/old.py', 'old');
    await build();
    expect(files()).not.toContain('old.py');
  });
});

describe('it is refused', () => {
  test('if a package comes along that nobody has pinned', async () => {
    requirements('greeting==1.0\n');
    await expect(build()).rejects.toMatchObject({
      code: 'NotPinned',
      what: 'quick_words==2.1 would be installed, but is not pinned',
      where: workspace.path('libs/report/requirements.txt'),
    });
  });

  test('if a package may have any version', async () => {
    requirements('greeting>=1\nquick-words==2.1\n');
    await expect(build()).rejects.toMatchObject({ what: expect.stringMatching(/^greeting==1\.0 would be/) });
  });

  test('if a package has no form for the version of Python', async () => {
    requirements(PINNED);
    expect(await build({ runtime: 'python3.14' })).toBe(false);
  });

  test('if there is no pip, and something to install', async () => {
    requirements(PINNED);
    const env = { PATH: workspace.path('packages') };
    await expect(build({ env })).rejects.toMatchObject({ code: 'NoPip' });
    requirements('');
    expect(await build({ env })).toBe(true);
  });
});

function requirements(text: string): void {
  workspace.write('libs/report/requirements.txt', text);
}

function build({
  runtime = 'python3.13',
  architecture = 'arm64' as 'arm64' | 'x86_64',
  env = { PATH: process.env['PATH'] } as NodeJS.ProcessEnv,
} = {}): Promise<boolean> {
  const local = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: workspace.path('packages'), HOME: workspace.root };
  const handler = {
    workspaceRoot: workspace.root,
    projectRoot: workspace.path('libs/report'),
    projectName: 'report',
    env: { ...env, ...local },
    listener: () => undefined,
    signal: new AbortController().signal,
  };
  return buildPython(handler, { runtime, architecture });
}

function files(): string[] {
  const dist = workspace.path('libs/report/dist');
  return globSync('**/*', { cwd: dist })
    .filter((file) => statSync(workspace.path('libs/report/dist', file)).isFile())
    .sort();
}

function read(file: string): string {
  return readFileSync(workspace.path('libs/report/dist', file), 'utf8');
}
