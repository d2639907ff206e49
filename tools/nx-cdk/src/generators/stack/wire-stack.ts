import type { Tree } from '@nx/devkit';
import type { Names } from '../../new-project/index.ts';

/** Where lines that make stacks belong, and how they look there. */
interface Shape {
  /** The line that begins the block, and the one that ends it, given how the first is indented. */
  readonly begin: RegExp;
  readonly end: (indent: string) => RegExp;
  /** What the block has to hold for the line to fit. */
  readonly holds: RegExp;
  /** Makes the stack. */
  readonly construct: (names: Names, app: string) => string;
}

/** A stage that makes its stacks for each target: `common` is what they all get, `target` is part of their ids. */
const STAGE: Shape = {
  begin: /^( *)for \(const \{ account, region \} of .*\) \{$/,
  end: (indent) => new RegExp(`^${indent}\\}$`),
  holds: /^ *const target = [\s\S]*^ *const common = \(kind: string\)/m,
  construct: ({ className, name }) => `new ${className}Stack(this, \`${className}-\${target}\`, common('${name}'));`,
};

/** An app without stages. */
const APP: Shape = {
  begin: /^( *)runApp\(\(app\) => \{$/,
  end: (indent) => new RegExp(`^${indent}\\}.*\\);$`),
  holds: /^/,
  construct: ({ className, name }, app) =>
    `new ${className}Stack(app, '${className}', { stackName: '${app}-${name}' });`,
};

/** How a new stack becomes part of its app. */
export interface Wiring {
  /** The lines for it: an import, and the construct. */
  readonly lines: readonly [string, string];
  /** File that has them now. @default - none: a person has to find the place */
  readonly file?: string;
}

/**
 * Adds a stack where an app makes its stacks: in its stage, or in the app itself if it has no stages. If the place does
 * not look as the generator `app` writes it, nothing is changed.
 *
 * @param app name of the app
 * @param folder of its sources, relative to the workspace root
 * @param importFrom what the stack is imported from
 */
export function wireStack(tree: Tree, app: string, folder: string, names: Names, importFrom: string): Wiring {
  const files = tree
    .children(folder)
    .filter((file) => file.endsWith('.ts') && !/\.(spec|test|d)\.ts$/.test(file))
    .map((file) => `${folder}/${file}`);
  const text = (file: string) => tree.read(file, 'utf8') ?? '';
  const stages = files.filter((file) => / extends Stage \{/.test(text(file)));
  const shape = stages.length > 0 ? STAGE : APP;
  const importLine = `import { ${names.className}Stack } from '${importFrom}';`;
  const lines = [importLine, shape.construct(names, app)] as const;
  // Several places: which one is meant, only a person knows.
  const [place, ...others] = (stages.length > 0 ? stages : files).filter((file) => blockIn(text(file), shape));
  if (place === undefined || others.length > 0) return { lines };
  const made = text(place).includes(`new ${names.className}Stack(`);
  if (!made) tree.write(place, withStack(text(place), shape, lines));
  return { lines, file: place };
}

/** The lines between which stacks are made; undefined if there is no such place, or several. */
function blockIn(text: string, { begin, end, holds }: Shape): { last: number; indent: string } | undefined {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, index) => (begin.test(line) ? [index] : []));
  const [first] = starts;
  if (first === undefined || starts.length > 1) return undefined;
  const indent = begin.exec(lines[first]!)?.[1] ?? '';
  const last = lines.findIndex((line, index) => index > first && end(indent).test(line));
  return last !== -1 && holds.test(lines.slice(first, last).join('\n')) ? { last, indent } : undefined;
}

function withStack(text: string, shape: Shape, [importLine, construct]: Wiring['lines']): string {
  const { last, indent } = blockIn(text, shape)!;
  const lines = text.split('\n').toSpliced(last, 0, `${indent}  ${construct}`);
  const lastImport = lines.findLastIndex((line) => /^(import .*|\} from .*);$/.test(line));
  return lines.toSpliced(lastImport + 1, 0, importLine).join('\n');
}
