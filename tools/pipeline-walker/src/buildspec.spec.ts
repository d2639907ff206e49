import { parseBuildspec } from './buildspec.ts';

const parse = (text: string) => parseBuildspec(text, 'the project demo');

test('everything that a build is made of is read, from YAML', async () => {
  const spec = await parse(`
version: 0.2
env:
  variables: { A: 1, B: "two" }
  parameter-store: { C: /demo/c }
  secrets-manager: { D: "demo:key" }
  exported-variables: [A]
phases:
  install:
    runtime-versions: { nodejs: 24 }
    commands: npm ci
  build:
    on-failure: ABORT
    commands:
      - echo one
      - |
        echo two
        echo three
      - 4
    finally:
      - echo last
artifacts:
  base-directory: out
  files: ['**/*']
  exclude-paths: ['*.log']
  enable-symlinks: yes
  secondary-artifacts:
    More: { files: [more.txt], discard-paths: "yes" }
cache:
  paths: ['.npm-cache/**/*']
`);

  expect(spec).toEqual({
    variables: { A: '1', B: 'two' },
    parameterStore: { C: '/demo/c' },
    secretsManager: { D: 'demo:key' },
    exportedVariables: ['A'],
    phases: {
      install: { commands: ['npm ci'], finally: [] },
      build: { commands: ['echo one', 'echo two\necho three\n', '4'], finally: ['echo last'], onFailure: 'ABORT' },
    },
    artifacts: { files: ['**/*'], exclude: ['*.log'], baseDirectory: 'out', discardPaths: false, links: true },
    secondaryArtifacts: {
      More: { files: ['more.txt'], exclude: [], baseDirectory: '.', discardPaths: true, links: false },
    },
    cachePaths: ['.npm-cache/**/*'],
  });
});

test('JSON, which is what a CDK app writes, is read as well; what is not there is empty', async () => {
  const spec = await parse(JSON.stringify({ version: '0.2', phases: { build: { commands: ['make'] } } }, null, 2));

  expect(spec).toEqual({
    variables: {},
    parameterStore: {},
    secretsManager: {},
    exportedVariables: [],
    phases: { build: { commands: ['make'], finally: [] } },
    secondaryArtifacts: {},
    cachePaths: [],
  });
});

test.each([
  ['another version', 'version: 0.1', /has the version 0\.1, and only 0\.2/],
  ['no version', 'phases: {}', /has the version none/],
  [
    'a phase that there is not',
    'version: 0.2\nphases: { compile: {} }',
    /has the phase compile, which CodeBuild does not know/,
  ],
  [
    'a command that YAML takes for a mapping',
    'version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b',
    /has no text in phases\.build\.commands\[0\]/,
  ],
  ['a list where a mapping belongs', 'version: 0.2\nphases: []', /has something else than a mapping in phases/],
  ['no YAML', 'version: 0.2\n  phases: [', /is neither YAML nor JSON/],
  ['a text', 'make', /has no mapping at its top/],
])('%s is refused in one sentence that names the project', async (_, text, sentence) => {
  const error = await parse(text).catch((thrown: Error) => thrown);

  expect(error).toMatchObject({ code: 'Buildspec', message: expect.stringMatching(sentence) });
  expect((error as Error).message).toMatch(/^The buildspec of the project demo .*[^.]\.$/);
});
