/** Where a value is written. */
interface Surroundings {
  /** What its line begins with. @default '' */
  readonly indent?: string;
  /** What a deeper line begins with besides. @default two spaces */
  readonly step?: string;
  /** How many characters stand before it in its line, besides the indentation. @default 0 */
  readonly before?: number;
}

/** Columns: as most formatters are set, and less than people set them to. */
const WIDTH = 120;

/**
 * JSON whose small objects and lists stand in one line, as people write it: those that fit, but for lists of several
 * objects, or of objects that hold others.
 */
export function compactJson(value: unknown, { indent = '', step = '  ', before = 0 }: Surroundings = {}): string {
  const line = oneLine(value);
  // One for the comma.
  const fits = indent.length + before + line.length + 1 <= WIDTH;
  if (typeof value !== 'object' || value === null || (fits && !isLong(value))) return line;
  const deeper = `${indent}${step}`;
  const lines = Array.isArray(value)
    ? value.map((one) => compactJson(one, { indent: deeper, step }))
    : entriesOf(value).map(([key, one]) => `${key}${compactJson(one, { indent: deeper, step, before: key.length })}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.map((one) => `${deeper}${one}`).join(',\n')}\n${indent}${close}`;
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = entriesOf(value).map(([key, one]) => `${key}${oneLine(one)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** The keys as they are written, with their colons. */
function entriesOf(value: object): [string, unknown][] {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return entries.map(([key, one]) => [`${JSON.stringify(key)}: `, one]);
}

function isLong(value: object): boolean {
  if (!Array.isArray(value)) return Object.values(value).some((one) => isObject(one) && isLong(one));
  const objects = value.filter(isObject);
  return objects.length > 1 || objects.some((one) => Object.values(one).some(isObject));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
