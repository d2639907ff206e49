/** Part of a template's text: a key and what it holds. */
export interface Block {
  /** Index of the key's line. */
  readonly start: number;
  /** Index of the first line after it. */
  readonly end: number;
}

/**
 * Finds a key of a YAML template by its column, without a parser: templates use tags of CloudFormation's own, and those
 * of CDK's bootstrap, in its source and as its tools deploy it, are block style throughout, two columns a level.
 *
 * @param column of the key's first letter; a dash may stand before it
 * @param inside where to look; the first one counts
 */
export function blockOf(
  lines: readonly string[],
  column: number,
  key: string,
  inside: Block = { start: -1, end: lines.length },
): Block | undefined {
  const dash = column < 2 ? '' : `| {${column - 2}}- `;
  const pattern = new RegExp(`^(?: {${column}}${dash})${key}:\\s*(?:#.*)?$`);
  const start = lines.findIndex((line, index) => index > inside.start && index < inside.end && pattern.test(line));
  if (start < 0) return undefined;
  const ends = new RegExp(`^ {0,${column}}[^\\s#]`);
  const end = lines.findIndex((line, index) => index > start && index < inside.end && ends.test(line));
  return { start, end: end < 0 ? inside.end : end };
}

/** An entry of a top-level section, such as one resource. */
export function entryOf(lines: readonly string[], section: string, name: string): Block | undefined {
  const top = blockOf(lines, 0, section);
  return top && blockOf(lines, 2, name, top);
}
