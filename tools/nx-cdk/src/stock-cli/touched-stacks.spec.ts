import type { AssemblyStack } from '../assembly/index.ts';
import { touchedStacks } from './touched-stacks.ts';

const stack = (id: string, ...dependencies: string[]) => ({ id, dependencies }) as unknown as AssemblyStack;
const STACKS = [
  stack('staging/Data'),
  stack('staging/Service', 'staging/Data'),
  stack('prod/Data'),
  stack('prod/Service', 'prod/Data'),
];
const STAGING = ['staging/Data', 'staging/Service'];
const ALL = STACKS.map(({ id }) => id);

test.each([
  ['a pattern', 'staging/**', STAGING],
  ['what depends on a stack', 'staging/Data', STAGING],
  ['what a stack depends on', 'staging/Service --exclusively', STAGING],
  ['a pattern after an option', 'staging/Data -e prod/Data', ALL],
  ['the value of an option', 'staging/Data --outputs-file out.json', STAGING],
  ['no pattern', '', ALL],
  ['--all', '--all', ALL],
  ['nothing but the value of an option', '--orphan staging/Data', ALL],
  ['a pattern that fits nothing here', 'staging/Data Legacy', ALL],
])('a command may touch, by %s', (_, words, expected) => {
  const line = { command: 'deploy', rest: words === '' ? [] : words.split(' ') };
  expect([...touchedStacks(STACKS, line)].toSorted()).toEqual(expected.toSorted());
});

test('a refactoring deploys all stacks afterwards', () => {
  expect([...touchedStacks(STACKS, { command: 'refactor', rest: ['staging/**'] })]).toEqual(ALL);
});
