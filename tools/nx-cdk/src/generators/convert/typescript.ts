import {
  type Conversion,
  type Converted,
  type Entry,
  inLoops,
  type Language,
  OtherShape,
  readEntry,
  replaced,
  type Replacement,
  type StackCall,
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

/**
 * Puts the stacks of an entry file below a stage for each environment.
 *
 * @throws OtherShape if the file is not in the shape of `cdk init`
 */
export function convertTypeScript({ source, keepNames }: Conversion): Converted {
  const entry = readEntry(source, LANGUAGE);
  const { app, library, region, stacks, code } = entry;
  const unit = /^(\t| +)(?=\S)/m.exec(code)?.[1] ?? '  ';
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
  ];
  const place = afterImports(code);
  return {
    stacks: stacks.map(({ name }) => name),
    text: replaced(source, [
      { start: place, end: place, text: imports },
      ...inLoops(entry, {
        head,
        unit,
        id: (name) => `\`${name}-\${account}-\${region}\``,
        envOf: (stack) => propOf(entry, stack, 'env'),
      }),
      ...stacks.flatMap((stack) => withProps(entry, stack, { unit, quote, keepNames })),
      { start: region.end, end: region.end, text: `\n${unit}}\n}` },
    ]),
  };
}

/** The entries of the props of a stack; none if it has no props. @throws OtherShape if they are no plain object */
function entriesOf({ code }: Entry, { others }: StackCall): Span[] {
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

function propOf(entry: Entry, stack: StackCall, key: string): Span | undefined {
  return entriesOf(entry, stack).find(({ start, end }) => /^[\w$]+/.exec(entry.code.slice(start, end))?.[0] === key);
}

/** Says of a stack where it goes, and what it is called. */
function withProps(
  entry: Entry,
  stack: StackCall,
  { unit, quote, keepNames }: { readonly unit: string; readonly quote: string; readonly keepNames: boolean },
): Replacement[] {
  const { id, name, others } = stack;
  const entries = entriesOf(entry, stack);
  const env = propOf(entry, stack, 'env');
  const isNamed = propOf(entry, stack, 'stackName') !== undefined;
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
