import { list } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import type { Addition } from './additions.ts';

/** The properties that say which resource is meant, such as `{ BucketName: 'mine' }`. */
export type Identifier = Readonly<Record<string, string>>;

/** Identifiers by logical id. */
export type ResourceMapping = ReadonlyMap<string, Identifier>;

/** Who is asked. Each is undefined if there is nobody. */
export interface Asking {
  readonly yesOrNo: (question: string) => Promise<boolean | undefined>;
  readonly text: (question: string) => Promise<string | undefined>;
}

/**
 * Reads a mapping as the CDK CLI has it: `{ "Bucket12345": { "BucketName": "mine" } }`. A resource may also be named by
 * its path in the construct tree.
 *
 * @param file for messages
 * @throws Failure `BadOption` for what is none, or names what is no new resource of the stack
 */
export function readMapping(text: string, file: string, additions: readonly Addition[]): ResourceMapping {
  const refuse = (what: string, next: string): never => {
    throw new Failure('BadOption', { what: `${file} ${what}`, next });
  };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined;
  }
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(content))
    return refuse('holds no JSON object', 'write { "LogicalId": { "Property": "value" } } into it');
  return new Map(
    Object.entries(content).map(([key, identifier]) => {
      const found = additions.find(({ logicalId, name }) => key === logicalId || key === name);
      if (found === undefined) {
        const names = list(additions.map(({ logicalId }) => logicalId));
        return refuse(`names "${key}", which is no new resource of the stack`, `there are ${names || 'none'}`);
      }
      if (!isObject(identifier) || !Object.values(identifier).every((value) => typeof value === 'string'))
        return refuse(`has no texts for "${key}"`, 'write { "Property": "value" }');
      return [found.logicalId, identifier as Identifier] as const;
    }),
  );
}

/**
 * Asks which resource each addition is. What the template says is offered; an empty answer leaves the resource out.
 *
 * @param known by which properties a resource of a type is known
 * @throws Failure `NotConfirmed` if nobody can be asked
 */
export async function askForMapping(
  additions: readonly Addition[],
  known: ReadonlyMap<string, readonly (readonly string[])[]>,
  asking: Asking,
): Promise<ResourceMapping> {
  const mapping = new Map<string, Identifier>();
  for (const addition of additions) {
    const identifier = await askForOne(addition, known.get(addition.resourceType) ?? [], asking);
    if (identifier !== undefined) mapping.set(addition.logicalId, identifier);
  }
  return mapping;
}

async function askForOne(
  { name, resourceType, texts }: Addition,
  sets: readonly (readonly string[])[],
  asking: Asking,
): Promise<Identifier | undefined> {
  const about = `${name} (${resourceType})`;
  const offered = sets.filter((names) => names.every((property) => texts[property] !== undefined));
  for (const names of offered) {
    const identifier = Object.fromEntries(names.map((property) => [property, texts[property]!]));
    if (answered(await asking.yesOrNo(`${about}: import with ${told(identifier)}?`))) return identifier;
  }
  if (offered.length > 0) return undefined;
  for (const names of sets) {
    const identifier: Record<string, string> = {};
    for (const property of names) {
      const value = texts[property] ?? answered(await asking.text(`${about}: ${property} (empty to leave it out)?`));
      if (value === '') break;
      identifier[property] = value;
    }
    if (Object.keys(identifier).length === names.length) return identifier;
  }
  return undefined;
}

function answered<Answer>(answer: Answer | undefined): Answer {
  if (answer !== undefined) return answer;
  const what = 'Which resources are to be imported? There is no terminal to ask on, so nothing was imported';
  throw new Failure('NotConfirmed', { what, next: 'give them in a file with --resourceMapping' });
}

/** `BucketName=mine` */
export function told(identifier: Identifier): string {
  return Object.entries(identifier)
    .map(([property, value]) => `${property}=${value}`)
    .join(', ');
}
