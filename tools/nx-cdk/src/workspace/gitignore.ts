import type { Tree } from '@nx/devkit';

const FILE = '.gitignore';

/** What nx-cdk writes below a workspace and nobody commits, each as a line of `.gitignore`. */
export const WRITTEN_FILES = [
  // Assemblies, and the folders that a synthesis writes and replaces them by.
  'cdk.out',
  'cdk.out.new-*',
  'cdk.out.old-*',
  // State of the local AWS, and what its commands are configured by.
  '.local-aws',
  '.env.local-aws',
  // Plans of deployments.
  'dist/plans',
  // Caches of Go and Rust.
  '.toolchains',
] as const;

/** A file that ends with our heading and lines below it, without a gap. */
const LAST_IS_OURS = /(^|\n)# nx-cdk\r?\n([^\r\n#].*(\r?\n|$))*$/;

/** Adds lines to the `.gitignore` of the workspace, except those that are there; makes the file if there is none. */
export function ignoreFiles(tree: Tree, lines: readonly string[]): void {
  const before = tree.read(FILE, 'utf8') ?? '';
  const known = new Set(before.split(/\r?\n/).map(meaningOf));
  const missing = lines.filter((line) => !isIgnored(line, known));
  if (missing.length === 0) return;
  const eol = before.includes('\r\n') ? '\r\n' : '\n';
  const end = before === '' || before.endsWith('\n') ? '' : eol;
  const heading = before === '' ? '# nx-cdk' : `${eol}# nx-cdk`;
  // Further lines go below those of earlier generators, if they still stand last.
  const begin = LAST_IS_OURS.test(before) ? [] : [heading];
  tree.write(FILE, `${before}${end}${[...begin, ...missing, ''].join(eol)}`);
}

/** Whether a line of the file ignores what another one names: the folder itself, or one above it. */
function isIgnored(line: string, known: ReadonlySet<string>): boolean {
  const parts = meaningOf(line).split('/');
  return parts.some((_, index) => known.has(parts.slice(0, index + 1).join('/')));
}

/** Lines that ignore the same folder at the root of the workspace: `cdk.out`, `cdk.out/`, and with stars before it. */
function meaningOf(line: string): string {
  return line
    .trim()
    .replace(/^(\*\*)?\//, '')
    .replace(/\/$/, '');
}
