import type { Assembly, AssemblyStack } from './model.ts';
import { parsePatterns, selectStacks } from './select-stacks.ts';

const ASSEMBLY = assemblyOf({
  Network: [],
  'staging/Data': ['Network'],
  'staging/Service': ['staging/Data'],
  'staging/canary/Service': [],
  'prod/Data': [],
  'prod/Service': ['prod/Data'],
});

describe('selecting stacks', () => {
  test.each([
    [
      'nothing said: every stack',
      [],
      ['Network', 'staging/Data', 'staging/Service', 'staging/canary/Service', 'prod/Data', 'prod/Service'],
    ],
    ['*: one level only', ['*'], ['Network']],
    ['a stage and one level', ['prod/*'], ['prod/Data', 'prod/Service']],
    [
      '**: every stack',
      ['**'],
      ['Network', 'staging/Data', 'staging/Service', 'staging/canary/Service', 'prod/Data', 'prod/Service'],
    ],
    [
      'everything of a stage, stages in it included',
      ['staging/**'],
      ['staging/Data', 'staging/Service', 'staging/canary/Service'],
    ],
    ['an exact id', ['prod/Data'], ['prod/Data']],
    ['braces', ['{staging,prod}/Data'], ['staging/Data', 'prod/Data']],
    ['the same stacks of all stages', ['*/Service'], ['staging/Service', 'prod/Service']],
    [
      'several patterns: in the order of the assembly, each once',
      ['prod/Data', 'Network', 'prod/*'],
      ['Network', 'prod/Data', 'prod/Service'],
    ],
  ])('%s', (_, patterns, expected) => {
    expect(selectStacks(ASSEMBLY, patterns, { exclusively: true })).toEqual(expected);
  });

  test('takes along what a stack depends on, however far, and nothing that depends on it', () => {
    expect(selectStacks(ASSEMBLY, ['staging/Service'])).toEqual(['Network', 'staging/Data', 'staging/Service']);
    expect(selectStacks(ASSEMBLY, ['Network'])).toEqual(['Network']);
  });

  test('names the pattern that matches nothing, and the stacks there are', () => {
    expect(() => selectStacks(ASSEMBLY, ['Network', 'qa/*'])).toThrow(
      expect.objectContaining({
        code: 'NoStackMatches',
        message: expect.stringMatching(/^No stack matches "qa\/\*": there are Network, staging\/Data.*\.$/),
      }),
    );
  });

  test('does not print a thousand names for one wrong pattern', () => {
    const large = assemblyOf(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`Stack${index}`, []])));
    expect(() => selectStacks(large, ['nope'])).toThrow(/Stack9 and 990 more\.$/);
  });

  test('an id is taken as it is, although its signs may mean something in a pattern', () => {
    const odd = assemblyOf({ 'Api(v2)': [], 'Api[v3]': [] });
    expect(selectStacks(odd, ['Api(v2)'])).toEqual(['Api(v2)']);
    expect(selectStacks(odd, ['Api[v3]'])).toEqual(['Api[v3]']);
  });

  test('an assembly without stacks is said to be one, whatever is asked for', () => {
    expect(() => selectStacks(assemblyOf({}), ['*'])).toThrow(expect.objectContaining({ code: 'NoStacks' }));
  });
});

describe('patterns as they are given', () => {
  test.each([
    ['nothing', undefined, []],
    ['one', 'staging/*', ['staging/*']],
    ['several at a comma', 'staging/Data, prod/**', ['staging/Data', 'prod/**']],
    ['a list', ['Network', 'prod/Data,prod/Service'], ['Network', 'prod/Data', 'prod/Service']],
    ['a comma in braces is the pattern’s own', '{staging,prod}/Data,Network', ['{staging,prod}/Data', 'Network']],
    ['also where somebody split it at the comma already', ['{staging', 'prod}/Data'], ['{staging,prod}/Data']],
  ])('%s', (_, given, expected) => {
    expect(parsePatterns(given)).toEqual(expected);
  });
});

/** Stacks and what they depend on; nothing else of a stack matters here. */
function assemblyOf(stacks: Readonly<Record<string, readonly string[]>>): Pick<Assembly, 'stacks' | 'directory'> {
  return {
    directory: '/shop/cdk.out',
    stacks: Object.entries(stacks).map(([id, dependencies]) => ({ id, dependencies }) as AssemblyStack),
  };
}
