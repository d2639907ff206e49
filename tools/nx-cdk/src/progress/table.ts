import stringWidth from 'string-width';
import { cutToWidth, oneLine, padToWidth } from './text-width.ts';

interface Column {
  /** Field of a row. */
  readonly key: string;
  /** Heading. @default - the key */
  readonly title?: string;
  /** @default left */
  readonly align?: 'left' | 'right';
  /** Whether a cut cell would be worthless, such as a URL: the others give way first. @default false */
  readonly whole?: boolean;
}

interface TableOptions {
  /** Columns the table may take. @default - the terminal's width, or no limit if standard output is none */
  readonly width?: number;
  /** Spaces before each line. @default 0 */
  readonly indent?: number;
}

/** Undefined and null become empty cells. */
type Row = Readonly<Record<string, string | number | boolean | null | undefined>>;

const GAP = '  ';
const NARROWEST = 8;

/**
 * A plain text table: headings, a rule, one line a row, aligned by display width. If it is too wide, the widest column
 * gives way first, and none gets narrower than 8 columns. Secrets are masked.
 *
 * @returns lines joined by line ends, without one at the end; empty for no columns
 */
export function formatTable(
  rows: readonly Row[],
  columns: readonly (Column | string)[],
  { width = process.stdout.columns || Number.POSITIVE_INFINITY, indent: spaces = 0 }: TableOptions = {},
): string {
  const heads: Column[] = columns.map((column) => (typeof column === 'string' ? { key: column } : column));
  if (heads.length === 0) return '';
  const cells = rows.map((row) => heads.map(({ key }) => oneLine(String(row[key] ?? ''))));
  const titles = heads.map(({ key, title }) => title ?? key);
  const indent = ' '.repeat(spaces);
  const available = width - indent.length - GAP.length * (heads.length - 1);
  const natural = heads.map((_, i) => Math.max(stringWidth(titles[i]!), ...cells.map((row) => stringWidth(row[i]!))));
  const widths = fit(natural, heads, available);
  const cell = (text: string, i: number) => padToWidth(cutToWidth(text, widths[i]!), widths[i]!, heads[i]!.align);
  const line = (texts: readonly string[]) => (indent + texts.map(cell).join(GAP)).trimEnd();
  return [line(titles), line(widths.map((width) => '─'.repeat(width))), ...cells.map(line)].join('\n');
}

/** Makes the widest column narrower until the table fits; those to be kept whole only if no other is left. */
function fit(natural: readonly number[], heads: readonly Column[], available: number): number[] {
  const widths = [...natural];
  for (const group of [heads.map((head) => !head.whole), heads.map(() => true)]) {
    let excess = widths.reduce((sum, width) => sum + width, 0) - available;
    while (excess > 0) {
      const candidates = widths.map((width, i) => (group[i] && width > NARROWEST ? width : 0));
      const widest = Math.max(...candidates);
      if (widest === 0) break;
      widths[candidates.indexOf(widest)]! -= 1;
      excess -= 1;
    }
  }
  return widths;
}
