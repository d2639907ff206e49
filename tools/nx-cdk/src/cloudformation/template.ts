import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { readData } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';

/** A parameter as the template declares it. */
export interface TemplateParameter {
  readonly default?: string;
  /** Its value is a secret: it must reach CloudFormation and nothing else. */
  readonly noEcho: boolean;
  /** Its value is read from SSM by CloudFormation, and may be another one each time. */
  readonly fromSsm: boolean;
}

/** A template of the assembly, read once: what is compared, shown and sent are the same bytes. */
export interface StackTemplate {
  /** SHA-256 of the bytes, as hex. */
  readonly digest: string;
  readonly bytes: number;
  readonly parameters: ReadonlyMap<string, TemplateParameter>;
  /** Resource type by logical id. */
  readonly resources: ReadonlyMap<string, string>;
  /**
   * What is read from SSM without CloudFormation being asked anew each time: dynamic references without a version, such
   * as `{{resolve:ssm:/shop/size}}`, and parameters that ask not to be.
   */
  readonly mayMove: readonly string[];
  /** What it exports, by the key of the output: a name, or undefined if only CloudFormation can work it out. */
  readonly exports: ReadonlyMap<string, string | undefined>;
  /** The text as it was read, whatever the file holds by now. */
  readonly text: () => string;
}

/** A larger text is kept packed, in a tenth of its size: a run may hold a thousand templates. In bytes. */
const PACKED_FROM = 16 * 1024;

/**
 * The CDK CLI redeploys a stack with SSM parameters every time, except parameters with this mark in their
 * description, such as the bootstrap version (`SSMPARAM_NO_INVALIDATE` in `@aws-cdk/cloud-assembly-api`).
 */
const MAY_BE_SKIPPED = '[cdk:skip]';

interface ParsedTemplate {
  readonly Parameters?: Readonly<Record<string, DeclaredParameter>>;
  readonly Rules?: unknown;
  readonly Resources?: Readonly<Record<string, { readonly Type?: unknown }>>;
  readonly Outputs?: Readonly<Record<string, { readonly Export?: { readonly Name?: unknown } } | undefined>>;
}

type DeclaredParameter = Partial<Record<'Type' | 'Default' | 'NoEcho' | 'Description', unknown>>;

/** Reads a template of the assembly. @throws Failure `BrokenAssembly` if the file is missing, no UTF-8 or no JSON */
export async function readTemplate(stackId: string, file: string): Promise<StackTemplate> {
  const content = await readData(file).catch((cause: unknown) => {
    throw brokenTemplate(stackId, file, 'cannot be read', cause);
  });
  try {
    return parseTemplate(content);
  } catch (cause) {
    throw brokenTemplate(stackId, file, (cause as Error).message === KEY_TWICE ? KEY_TWICE : 'is no JSON', cause);
  }
}

const KEY_TWICE = 'has a key twice in one object';

/** A template from its bytes. @throws an error if they are no UTF-8 or no JSON, or an object has a key twice */
export function parseTemplate(content: Buffer): StackTemplate {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  const template = JSON.parse(text) as ParsedTemplate | null;
  if (hasKeyTwice(text, template)) throw new Error(KEY_TWICE);
  const resources = Object.entries(template?.Resources ?? {}).map(([id, { Type }]) => [id, String(Type)] as const);
  const exports = Object.entries(template?.Outputs ?? {}).flatMap(([key, output]) => {
    const name = output?.Export?.Name;
    return name === undefined ? [] : [[key, typeof name === 'string' ? name : undefined] as const];
  });
  return {
    digest: hash('sha256', content),
    bytes: content.length,
    parameters: parametersOf(template),
    resources: new Map(resources),
    mayMove: [...unversioned(text), ...skipped(text, template)],
    exports: new Map(exports),
    text: content.length < PACKED_FROM ? asItIs(text) : packed(content),
  };
}

/**
 * Dynamic references that name no version: CloudFormation takes the newest one whenever it updates the stack, and does
 * not notice a newer one by itself
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html).
 */
function unversioned(text: string): Set<string> {
  return new Set([...text.matchAll(/\{\{resolve:ssm:[^:}"]+\}\}/g)].map(([reference]) => reference));
}

/** Parameters of SSM with the mark, if more than a rule reads them: CDK's own one is there for a rule alone. */
function skipped(text: string, template: ParsedTemplate | null): string[] {
  const rules = JSON.stringify(template?.Rules ?? {});
  const marked = Object.entries(template?.Parameters ?? {}).filter(
    ([name, declared]) => /^\w+$/.test(name) && isFromSsm(declared) && isMarked(declared),
  );
  return marked.flatMap(([name]) => {
    const pattern = new RegExp(`"Ref"\\s*:\\s*"${name}"|\\$\\{${name}\\}`, 'g');
    return [...text.matchAll(pattern)].length > [...rules.matchAll(pattern)].length ? [`parameter ${name}`] : [];
  });
}

function isFromSsm({ Type }: DeclaredParameter): boolean {
  return String(Type).startsWith('AWS::SSM::Parameter::');
}

function isMarked({ Description = '' }: DeclaredParameter): boolean {
  return String(Description).includes(MAY_BE_SKIPPED);
}

/** The defaults of a deployed template, by name of the parameter; undefined for one that is no JSON. */
export function defaultsOf(text: string): ReadonlyMap<string, string | undefined> | undefined {
  try {
    const parameters = parametersOf(JSON.parse(text) as ParsedTemplate | null);
    return new Map([...parameters].map(([name, declared]) => [name, declared.default]));
  } catch {
    return undefined;
  }
}

function parametersOf(template: ParsedTemplate | null): Map<string, TemplateParameter> {
  const parameters = Object.entries(template?.Parameters ?? {}).map(([name, declared]) => {
    const { Default, NoEcho } = declared;
    const parameter: TemplateParameter = {
      default: Default === undefined ? undefined : String(Default),
      noEcho: NoEcho === true || NoEcho === 'true',
      fromSsm: isFromSsm(declared) && !isMarked(declared),
    };
    return [name, parameter] as const;
  });
  return new Map(parameters);
}

// Functions of their own: a closure keeps alive all that others beside it use.
function asItIs(text: string): () => string {
  return () => text;
}

function packed(content: Buffer): () => string {
  const bytes = deflateRawSync(content, { level: 1 });
  return () => inflateRawSync(bytes).toString();
}

/**
 * Whether two templates are the same, but for the layout and the order of keys of JSON. CloudFormation returns
 * characters beyond ASCII as `?` (https://github.com/aws/aws-cdk/issues/5853), which is no difference.
 *
 * @param found what CloudFormation returns
 */
export function sameTemplate(ours: string, found: string): boolean {
  if (ours === found) return true;
  try {
    const parsed: unknown = JSON.parse(found);
    if (hasKeyTwice(found, parsed)) return false;
    const text = JSON.stringify(JSON.parse(ours));
    // One `?` for each character, or for each half of one that takes two.
    const asReturned = [text, text.replace(/[^\0-\x7f]/gu, '?'), text.replace(/[^\0-\x7f]/g, '?')];
    return asReturned.some((wanted) => isDeepStrictEqual(JSON.parse(wanted), parsed));
  } catch {
    // Not JSON: somebody deployed YAML by hand. It may say the same, and a change set will find out.
    return false;
  }
}

/**
 * Whether a text has a key twice in one object. Which of its values counts is up to the parser: CloudFormation's may
 * take the other one than ours.
 *
 * @param parsed what our parser made of it
 */
function hasKeyTwice(json: string, parsed: unknown): boolean {
  // As CDK writes it, which is quick to see.
  if (json === JSON.stringify(parsed, undefined, 1)) return false;
  return numberOfKeys(parsed) !== writtenKeys(json);
}

/** How many keys the objects in a value have. */
function numberOfKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value);
  return inner.reduce<number>((sum, one) => sum + numberOfKeys(one), Array.isArray(value) ? 0 : inner.length);
}

/** How many keys stand in a JSON text, those that are written twice included. */
function writtenKeys(json: string): number {
  return [...json.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)/g)].filter(([, colon]) => colon !== '').length;
}

function brokenTemplate(subject: string, file: string, problem: string, cause: unknown): Failure {
  const parts = { subject, what: `its template ${file} ${problem}`, next: 'synthesize the app again' };
  return new Failure('BrokenAssembly', parts, { cause });
}
