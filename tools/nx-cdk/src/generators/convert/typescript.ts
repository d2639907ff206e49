import {
  type Entry,
  gapBefore,
  indentations,
  type Language,
  OtherShape,
  readEntry,
  replaced,
  type Replacement,
} from './entry.ts';
import { closing, separated, type Span } from './masked.ts';

const NAME = String.raw`[\w$]+`;

/** TypeScript, and JavaScript. */
const LANGUAGE: Language = {
  syntax: { lineComment: '//', blockComment: ['/*', '*/'], quotes: ["'", '"', '`'], template: '`' },
  app: new RegExp(String.raw`^(?:export )?(?:const|let|var) (${NAME})(?:: [\w$.]+)? = new ((?:${NAME}\.)?)App\(`, 'gm'),
  construct: (scope) =>
    new RegExp(
      String.raw`(?:(?:const|let|var) ${NAME}(?:: [\w$.]+)? = )?new [\w$.]+\(\s*(?=${scope.replaceAll('$', '\\$')}\s*,)`,
      'g',
    ),
  declaration: new RegExp(String.raw`^(?:const|let|var|function|class) (${NAME})`, 'gm'),
};

/** What a conversion is about. */
export interface Conversion {
  readonly source: string;
  /** Whether stacks keep the names that they have had. */
  readonly keepNames: boolean;
}

/**
 * Puts the stacks of an entry file below a stage for each environment.
 *
 * @throws OtherShape if the file is not in the shape of `cdk init`
 */
export function convertTypeScript({ source, keepNames }: Conversion): { text: string; stacks: string[] } {
  const entry = readEntry(source, LANGUAGE);
  const { app, library, region, stacks, code } = entry;
  const unit = /^(\t| +)(?=\S)/m.exec(code)?.[1] ?? '  ';
  const environments = new Set(stacks.map(({ others }) => envOf(entry, others)));
  if (environments.size > 1) throw new OtherShape('its stacks have different values of env');
  const quote = source.includes('"aws-cdk-lib') ? '"' : "'";
  const isModule = /^import /m.test(code);
  const load = (name: string, from: string) =>
    isModule
      ? `import { ${name} } from ${quote}${from}${quote};\n`
      : `const { ${name} } = require(${quote}${from}${quote});\n`;
  const needsStage = library === '' && !/\bStage\b/.test(code);
  const imports = load('readEnvironments', '@nx-cdk/environments') + (needsStage ? load('Stage', 'aws-cdk-lib') : '');
  const file = `${app}.node.tryGetContext(${quote}nx-cdk:environments${quote})`;
  const head = [
    '// A stage for each environment of the file that cdk.json names.',
    `for (const { name, targets } of readEnvironments(${file}).environments) {`,
    `${unit}const stage = new ${library}Stage(${app}, name);`,
    `${unit}for (const { account, region } of targets) {`,
    '',
  ].join('\n');
  const place = afterImports(code);
  return {
    stacks: stacks.map(({ name }) => name),
    text: replaced(source, [
      { start: place, end: place, text: imports },
      { start: region.start, end: region.start, text: gapBefore(entry) + head + unit.repeat(2) },
      ...indentations(code, region, unit.repeat(2)).slice(1),
      ...stacks.flatMap(({ scope, id, name, others }) => [
        { ...scope, text: 'stage' },
        { ...id, text: `\`${name}-\${account}-\${region}\`` },
        ...withProps(entry, id, name, others, unit, quote, keepNames),
      ]),
      { start: region.end, end: region.end, text: `\n${unit}}\n}` },
    ]),
  };
}

/** The entries of the props of a stack; none if it has no props. @throws OtherShape if they are no plain object */
function entriesOf({ code }: Entry, others: readonly Span[]): Span[] {
  const [props, more] = others;
  if (props === undefined) return [];
  const entries =
    code[props.start] === '{' && closing(code, props.start) === props.end - 1
      ? separated(code, { start: props.start + 1, end: props.end - 1 })
      : undefined;
  if (entries === undefined || more !== undefined || entries.some(({ start }) => code.startsWith('...', start))) {
    throw new OtherShape('the props of a stack are not written where the stack is made');
  }
  return entries;
}

const keyOf = ({ code }: Entry, { start, end }: Span) => /^[\w$]+/.exec(code.slice(start, end))?.[0];

function envOf(entry: Entry, others: readonly Span[]): string | undefined {
  const env = entriesOf(entry, others).find((one) => keyOf(entry, one) === 'env');
  return env && entry.source.slice(env.start, env.end).replaceAll(/\s/g, '');
}

/** Says of a stack where it goes, and what it is called. */
function withProps(
  entry: Entry,
  id: Span,
  name: string,
  others: readonly Span[],
  unit: string,
  quote: string,
  keepNames: boolean,
): Replacement[] {
  const entries = entriesOf(entry, others);
  const env = entries.find((one) => keyOf(entry, one) === 'env');
  const isNamed = entries.some((one) => keyOf(entry, one) === 'stackName');
  const lines = [
    ...(env === undefined ? ['env: { account, region },'] : []),
    ...(isNamed || !keepNames
      ? []
      : ['// Its name so far, so that what is deployed stays the same stack.', `stackName: ${quote}${name}${quote},`]),
  ];
  const inside = lines.map((line) => `\n${unit.repeat(3)}${line}`).join('');
  const replacements = env === undefined ? [] : [{ ...env, text: 'env: { account, region }' }];
  const [props] = others;
  if (props === undefined) return [{ start: id.end, end: id.end, text: `, {${inside}\n${unit.repeat(2)}}` }];
  const [first, last] = [entries[0], entries.at(-1)];
  const isOneLine = !entry.source.slice(props.start, props.end).includes('\n');
  if (first === undefined || last === undefined || lines.length === 0 || !isOneLine) {
    return [{ start: props.start + 1, end: props.start + 1, text: inside }, ...replacements];
  }
  return [
    { start: props.start + 1, end: first.start, text: `${inside}\n${unit.repeat(3)}` },
    ...replacements,
    { start: last.end, end: props.end - 1, text: `,\n${unit.repeat(2)}` },
  ];
}

/** The place behind the last import of a file. */
function afterImports(code: string): number {
  const imports = [
    ...code.matchAll(/^(?:import\b[^;]*?['"] *['"]|(?:const|let|var)\b[^;=]*= require\([^)]*\));?\r?\n/gm),
  ];
  const last = imports.at(-1);
  return last === undefined ? 0 : last.index + last[0].length;
}
