/* What a template says of its stack. A template is data: any part of it may be missing, or be something else. */

/** A value that stacks of one account and region share. */
export interface NamedValue {
  /** Equal for equal names: the name, or what it is made of where only CloudFormation can work it out. */
  readonly key: string;
  /** For people. */
  readonly name: string;
}

/** Of a name that is longer, the rest is left out. */
const LONGEST_NAME = 200;

/** The type of each resource of a template. */
export function typesIn(template: unknown): string[] {
  const resources = fieldOf(template, 'Resources');
  return isObject(resources) ? Object.values(resources).map((resource) => String(fieldOf(resource, 'Type'))) : [];
}

/** What a template exports: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html */
export function exportsIn(template: unknown): NamedValue[] {
  const outputs = fieldOf(template, 'Outputs');
  if (!isObject(outputs)) return [];
  return Object.values(outputs).flatMap((output) => {
    const name = fieldOf(fieldOf(output, 'Export'), 'Name');
    return name === undefined ? [] : [valueOf(name)];
  });
}

/** What a template imports, each once, in the order of its first use. */
export function importsIn(template: unknown): NamedValue[] {
  const found = new Map<string, NamedValue>();
  // Not by recursion: a template may be nested as deep as its author likes.
  const left: unknown[] = [template];
  while (left.length > 0) {
    const part = left.pop();
    if (!isObject(part)) continue;
    const keys = Object.keys(part);
    if (keys.length === 1 && keys[0] === 'Fn::ImportValue') {
      const value = valueOf(fieldOf(part, keys[0]));
      found.set(value.key, value);
    }
    for (const inside of Object.values(part).toReversed()) left.push(inside);
  }
  return [...found.values()];
}

function valueOf(name: unknown): NamedValue {
  const key = typeof name === 'string' ? name : shown(name);
  return { key, name: key.length > LONGEST_NAME ? `${key.slice(0, LONGEST_NAME)}…` : key };
}

/** What JSON refuses, such as thousands of lists in each other, is no name. */
function shown(name: unknown): string {
  try {
    return JSON.stringify(name);
  } catch {
    return '(a name that cannot be read)';
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Not what every object has, such as `constructor`. */
function fieldOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
