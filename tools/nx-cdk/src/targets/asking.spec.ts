import { keyboardForTasks } from './asking.ts';

/** Hooks of a plugin that has a process of its own. */
const keyboard = (words: string, environment: NodeJS.ProcessEnv = {}) =>
  keyboardForTasks({ argv: argvOf(words) }, { NX_TUI: 'false', ...environment });

const argvOf = (words: string) => ['node', 'nx', ...words.split(' ')];

const REAL = { NX_NATIVE_COMMAND_RUNNER: 'false' };

test.each([
  'deploy infra',
  'deploy-staging infra',
  'run infra:deploy',
  'destroy infra --stacks=Data',
  'cdk infra -- gc',
  'gc-staging infra',
  'refactor infra',
  'reap infra',
])('nx %s gets the real terminal', (words) => {
  expect(keyboard(words)).toEqual(REAL);
});

test.each<[string, string, NodeJS.ProcessEnv]>([
  ['a target that asks nothing', 'synth infra', {}],
  ['several projects', 'affected -t deploy', {}],
  ['one task alone', 'deploy infra --excludeTaskDependencies', {}],
  ["Nx's own terminal UI", 'deploy infra', { NX_TUI: 'true' }],
  ['somebody who has decided it', 'deploy infra', { NX_NATIVE_COMMAND_RUNNER: 'true' }],
  ['a CI', 'deploy infra', { CI: 'true' }],
  ['a CI that sets no CI', 'deploy infra', { TF_BUILD: 'True' }],
])('%s leaves all as it is', (_, words, environment) => {
  expect(keyboard(words, environment)).toEqual({});
});

test('without a terminal, all stays as it is', () => {
  const { isTTY } = process.stdin;
  process.stdin.isTTY = false;
  try {
    expect(keyboardForTasks({ argv: ['node', process.argv[1]!, 'deploy', 'infra'] }, { NX_TUI: 'false' })).toEqual({});
  } finally {
    process.stdin.isTTY = isTTY;
  }
});

test.each<[string, string, object]>([
  ['an option', 'deploy infra --tui=false', {}],
  ['another option', 'deploy infra --outputStyle=static', { tui: { enabled: true } }],
  ['nx.json', 'deploy infra', { tui: { enabled: false } }],
])('that there is no terminal UI may be said by %s as well', (_, words, nxJsonConfiguration) => {
  expect(keyboardForTasks({ argv: argvOf(words), nxJsonConfiguration }, {})).toEqual(REAL);
});

test('where nobody says so, Nx may show its terminal UI, and all stays as it is', () => {
  expect(keyboardForTasks({ argv: argvOf('deploy infra') }, {})).toEqual({});
  const nxJsonConfiguration = { tui: { enabled: false } };
  expect(keyboardForTasks({ argv: argvOf('deploy infra --tui'), nxJsonConfiguration }, {})).toEqual({});
});

test('what was set for the command before is no decision of somebody, in a process that outlives it', () => {
  const environment: NodeJS.ProcessEnv = { NX_TUI: 'false' };
  for (const words of ['deploy infra', 'synth infra', 'destroy infra']) {
    const found = keyboardForTasks({ argv: argvOf(words) }, environment);
    expect(found).toEqual(words.startsWith('synth') ? {} : REAL);
    Object.assign(environment, found);
  }
});
