import {
  type Conversion,
  type Converted,
  type Entry,
  inLoops,
  type Language,
  OtherShape,
  readEntry,
  replaced,
  type StackCall,
} from './entry.ts';
import type { Span } from './masked.ts';

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
export function convertPython({ source, keepNames }: Conversion): Converted {
  const entry = readEntry(source, LANGUAGE);
  const { app, library, stacks, code } = entry;
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
  ];
  const first = /^(?:import|from) /m.exec(code)?.index ?? 0;
  return {
    stacks: stacks.map(({ name }) => name),
    text: replaced(source, [
      ...(/^import json$/m.test(code) ? [] : [{ start: first, end: first, text: 'import json\n' }]),
      ...inLoops(entry, {
        head,
        unit: UNIT,
        id: (name) => `f"${name}-{account}-{region}"`,
        envOf: (stack) => argument(entry, stack, 'env'),
      }),
      ...stacks.flatMap((stack) => withArguments(entry, stack, library, keepNames)),
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
