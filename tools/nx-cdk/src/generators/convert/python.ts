import {
  type Entry,
  gapBefore,
  indentations,
  type Language,
  OtherShape,
  readEntry,
  replaced,
  type StackCall,
} from './entry.ts';
import type { Span } from './masked.ts';
import type { Conversion } from './typescript.ts';

const LANGUAGE: Language = {
  syntax: { lineComment: '#', quotes: ['"""', "'''", '"', "'"] },
  app: /^(\w+)(?: *: *[\w.]+)? *= *((?:\w+\.)?)App\(/gm,
  construct: (scope) =>
    new RegExp(String.raw`^(?:\w+(?: *: *[\w.]+)? *= *)?(?:\w+\.)*[A-Z]\w*\(\s*(?=${scope}\s*,)`, 'gm'),
  declaration: /^(?:def |class )?(\w+)(?: *: *[\w.]+)?(?: *=|\()/gm,
};

const UNIT = '    ';

/**
 * Puts the stacks of an entry file below a stage for each environment.
 *
 * @throws OtherShape if the file is not in the shape of `cdk init`
 */
export function convertPython({ source, keepNames }: Conversion): { text: string; stacks: string[] } {
  const entry = readEntry(source, LANGUAGE);
  const { app, library, region, stacks, code } = entry;
  const environments = new Set(stacks.map((stack) => envOf(entry, stack)));
  if (environments.size > 1) throw new OtherShape('its stacks have different values of env');
  if (library === '') throw new OtherShape('it does not import the library under a name, as in import aws_cdk as cdk');
  const head = [
    '# A stage for each environment of the file that cdk.json names.',
    `with open(${app}.node.try_get_context("nx-cdk:environments"), encoding="utf-8") as file:`,
    `${UNIT}environments = json.load(file)["environments"]`,
    '',
    'for environment in environments:',
    `${UNIT}stage = ${library}Stage(${app}, environment["name"])`,
    `${UNIT}for target in environment["targets"]:`,
    `${UNIT.repeat(2)}account, region = target["account"], target["region"]`,
    '',
  ].join('\n');
  const first = /^(?:import|from) /m.exec(code)?.index ?? 0;
  return {
    stacks: stacks.map(({ name }) => name),
    text: replaced(source, [
      ...(/^import json$/m.test(code) ? [] : [{ start: first, end: first, text: 'import json\n' }]),
      { start: region.start, end: region.start, text: gapBefore(entry) + head + UNIT.repeat(2) },
      ...indentations(code, region, UNIT.repeat(2)).slice(1),
      ...stacks.flatMap((stack) => [
        { ...stack.scope, text: 'stage' },
        { ...stack.id, text: `f"${stack.name}-{account}-{region}"` },
        ...withArguments(entry, stack, library, keepNames),
      ]),
    ]),
  };
}

/** The argument of a name. @throws OtherShape if arguments are not written with their names */
function argument({ source }: Entry, { others }: StackCall, name: string): Span | undefined {
  const named = others.map((span) => ({ span, name: /^(\w+)\s*=(?!=)/.exec(source.slice(span.start, span.end))?.[1] }));
  if (named.some((one) => one.name === undefined)) {
    throw new OtherShape('a stack has arguments without a name');
  }
  return named.find((one) => one.name === name)?.span;
}

function envOf(entry: Entry, stack: StackCall): string | undefined {
  const env = argument(entry, stack, 'env');
  return env && entry.source.slice(env.start, env.end).replaceAll(/\s/g, '');
}

/** Says of a stack where it goes, and what it is called. */
function withArguments(entry: Entry, stack: StackCall, library: string, keepNames: boolean) {
  const env = argument(entry, stack, 'env');
  const wanted = `env=${library}Environment(account=account, region=region)`;
  const lines = [
    ...(env === undefined ? [`${wanted},`] : []),
    ...(argument(entry, stack, 'stack_name') === undefined && keepNames
      ? ['# Its name so far, so that what is deployed stays the same stack.', `stack_name="${stack.name}",`]
      : []),
  ];
  const after = entry.code.slice(stack.id.end, stack.end);
  const comma = /^\s*,/.exec(after)?.[0].length;
  const place = stack.id.end + (comma ?? 0);
  const text = `${comma === undefined ? ',' : ''}${lines.map((line) => `\n${UNIT.repeat(3)}${line}`).join('')}`;
  return [
    ...(lines.length === 0 ? [] : [{ start: place, end: place, text }]),
    ...(env === undefined ? [] : [{ ...env, text: wanted }]),
  ];
}
