import type { Environments } from '@nx-cdk/environments';
import type { Assembly, AssemblyStack } from '../assembly/index.ts';
import type { ProgressEvent } from '../progress/index.ts';
import { chooseStacks, promotionOf } from './choose-stacks.ts';

const IDS = ['prod/Data', 'prod/Service', 'staging/Data', 'staging/Service', 'Shared'];
const DEPENDENCIES: Record<string, string[]> = { 'staging/Service': ['staging/Data', 'Shared'] };
const ASSEMBLY = {
  directory: '/shop/cdk.out',
  stacks: IDS.map((id) => ({ id, dependencies: DEPENDENCIES[id] ?? [] }) as unknown as AssemblyStack),
} as unknown as Assembly;

const ENVIRONMENTS = {
  environments: ['staging', 'prod', 'later'].map((name) => ({ name, targets: [] })),
} as unknown as Environments;

describe('promotion', () => {
  test('goes in the order of the file, not in that of the assembly', () => {
    expect(promotionOf(ASSEMBLY, ENVIRONMENTS)).toEqual([
      { name: 'staging', stackIds: ['staging/Data', 'staging/Service'] },
      { name: 'prod', stackIds: ['prod/Data', 'prod/Service'] },
      { name: 'later', stackIds: [] },
    ]);
  });

  test('has no order without a file', () => {
    expect(promotionOf(ASSEMBLY, undefined)).toEqual([]);
  });
});

describe('choosing stacks', () => {
  test.each([
    ['all of them', {}, IDS],
    ['an environment', { environment: 'staging' }, ['staging/Data', 'staging/Service']],
    [
      'a pattern, with what it depends on',
      { stacks: '*/Service' },
      ['prod/Service', 'staging/Data', 'staging/Service', 'Shared'],
    ],
    ['a pattern alone', { stacks: '*/Service', exclusively: true }, ['prod/Service', 'staging/Service']],
    ['a pattern with braces', { stacks: '{staging,prod}/Data' }, ['prod/Data', 'staging/Data']],
    ['a pattern in an environment', { stacks: '*/Data', environment: 'prod' }, ['prod/Data']],
    [
      'an environment is never left, not even for a dependency',
      { stacks: 'staging/Service', environment: 'staging' },
      ['staging/Data', 'staging/Service'],
    ],
  ])('%s', (_, options, expected) => {
    expect(chooseStacks(ASSEMBLY, ENVIRONMENTS, options).stackIds).toEqual(expected);
  });

  test('an environment that there is not is a mistake: those there are, are named', () => {
    expect(() => chooseStacks(ASSEMBLY, ENVIRONMENTS, { environment: 'qa' })).toThrow(
      expect.objectContaining({
        code: 'UnknownEnvironment',
        message: 'There is no environment "qa": there are staging, prod, later.',
      }),
    );
    // without a file the stages of the assembly are what there is
    expect(() => chooseStacks(ASSEMBLY, undefined, { environment: 'qa' })).toThrow('there are prod, staging.');
  });

  test('nothing for an environment that the app has no stacks for while it has some for others, and that is told', () => {
    const events: ProgressEvent[] = [];
    const listener = (event: ProgressEvent) => void events.push(event);
    const chosen = chooseStacks(ASSEMBLY, ENVIRONMENTS, { environment: 'later' }, listener);
    expect(chosen.stackIds).toEqual([]);
    const text = 'The app has no stack for the environment later: there is nothing to do.';
    expect(events).toEqual([{ type: 'message', level: 'info', text }]);
  });

  test('an environment of an app whose stages are called otherwise is a mistake, not a quiet success', () => {
    const assembly = { ...ASSEMBLY, stacks: ASSEMBLY.stacks.map((stack) => ({ ...stack, id: `x-${stack.id}` })) };
    expect(() => chooseStacks(assembly, ENVIRONMENTS, { environment: 'later' })).toThrow(
      expect.objectContaining({
        code: 'NothingSelected',
        message: expect.stringMatching(/^The environment later has no stack.*the assembly has x-prod\/Data/),
      }),
    );
  });

  test.each([
    ['a pattern where the environment has nothing', { environment: 'later', stacks: '*/Data' }, /^No stack of later/],
    [
      'a pattern of another environment',
      { environment: 'prod', stacks: 'staging/*' },
      /^No stack of prod is called staging\/\*: it has prod\/Data, prod\/Service\.$/,
    ],
  ])('%s is a mistake, not a quiet success', (_, options, sentence) => {
    expect(() => chooseStacks(ASSEMBLY, ENVIRONMENTS, { ...options })).toThrow(
      expect.objectContaining({
        code: 'NothingSelected',
        message: expect.stringMatching(sentence),
      }),
    );
  });
});
