import type { AssemblyStack } from '../assembly/index.ts';
import { changeSetParameters, GivenParameters, parametersWithNewDefault } from './parameters.ts';
import type { StackTemplate } from './template.ts';

function template(...names: string[]): StackTemplate {
  const declared = names.map(
    (name) =>
      [name, { default: name.startsWith('Optional') ? 'default' : undefined, noEcho: false, fromSsm: false }] as const,
  );
  const rest = { resources: new Map(), exports: new Map(), mayMove: [], text: () => '' };
  return { digest: '', bytes: 0, parameters: new Map(declared), ...rest };
}

const stack = {
  id: 'staging/Data',
  stackName: 'staging-Data',
  parameters: { FromAssembly: 'assembly' },
} as unknown as AssemblyStack;

describe('parameters of the command line', () => {
  test('go to the stacks that have them, by name, id or for all; the more special one wins', () => {
    const given = new GivenParameters(
      ['Size=small', 'staging/Data:Size=large', 'staging-Data:Color=a=b:c', 'Other=x'],
      [stack],
    );

    expect([...given.forStack(stack, template('Size', 'Color'))]).toEqual([
      ['FromAssembly', 'assembly'],
      ['Size', 'large'],
      ['Color', 'a=b:c'],
    ]);
    expect(given.unused()).toEqual(['Other']);
  });

  test('are refused for a stack whose template does not declare them', () => {
    const given = new GivenParameters(['staging/Data:Sise=large'], [stack]);

    expect(() => given.forStack(stack, template('Size'))).toThrow(
      'staging/Data: its template has no parameter "Sise": it declares Size',
    );
  });

  test.each(['Size', '=large', ':Size=large', 'Data:=large'])(
    'that are written as "%s" are refused without a word of their value',
    (text) => {
      let message = '';
      try {
        new GivenParameters([text], [stack]);
      } catch (error) {
        message = (error as Error).message;
      }

      expect(message).toMatch(/is not written as Key=Value or Stack:Key=Value|is for stack/);
      expect(message).not.toContain('large');
    },
  );
});

describe('parameters of a change set', () => {
  test('are the given value, the one the stack has, or nothing where the default applies', () => {
    const given = new Map([['Given', 'new']]);
    const previous = new Set(['Given', 'Kept', 'OptionalKept']);

    expect(
      changeSetParameters('Data', template('Given', 'Kept', 'OptionalKept', 'OptionalNew'), given, previous),
    ).toEqual([
      { ParameterKey: 'Given', ParameterValue: 'new' },
      { ParameterKey: 'Kept', UsePreviousValue: true },
      { ParameterKey: 'OptionalKept', UsePreviousValue: true },
    ]);
  });

  test('must not lack a value', () => {
    expect(() => changeSetParameters('Data', template('Size', 'Color'), new Map(), new Set())).toThrow(
      'Data: no value for parameter Size, Color: give it with --parameters=Size=<value>',
    );
  });
});

describe('a default that changed reaches a parameter', () => {
  const SIZE = { default: 'large', noEcho: false, fromSsm: false };
  const was =
    (Default: unknown, more: object = {}) =>
    async () =>
      JSON.stringify({ Parameters: { Size: { Default, ...more } } });
  const found = (
    deployedTemplate: () => Promise<string>,
    { values = { Size: 'small' } as Record<string, string>, given = {}, size = SIZE } = {},
  ) =>
    parametersWithNewDefault(
      { ...template(), parameters: new Map([['Size', size]]) },
      new Map(Object.entries(given)),
      values,
      deployedTemplate,
    );

  test('that has the default of the deployed template', async () => {
    expect(await found(was('small'))).toEqual(['Size']);
    expect(await found(was(3), { values: { Size: '3' } })).toEqual(['Size']);
    expect(await found(was('small'), { size: { ...SIZE, fromSsm: true } })).toEqual(['Size']);
  });

  test.each([
    ['was given another value', was('medium')],
    ['had no default', was(undefined)],
    ['is deployed from a template that is no JSON', async () => 'Parameters: {}'],
  ])('but none that %s', async (_, deployed) => {
    expect(await found(deployed)).toEqual([]);
  });

  test.each([
    ['is given a value now', { given: { Size: 'tiny' } }],
    ['is new', { values: {} }],
    ['has that value already', { values: { Size: 'large' } }],
    ['is secret, so that nobody can tell', { size: { ...SIZE, noEcho: true }, values: { Size: '****' } }],
  ])('but none that %s, for which nothing is asked', async (_, options) => {
    const asked = async () => {
      throw new Error('asked for the deployed template');
    };
    expect(await found(asked, options)).toEqual([]);
  });
});
