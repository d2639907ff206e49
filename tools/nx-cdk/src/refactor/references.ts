import { isDeepStrictEqual } from 'node:util';
import { keyOf, type Template, type TemplateStack } from './model.ts';

/** Something that a value refers to: a resource of these stacks, and what of it. */
interface Reference {
  /** `Shop-Data.Orders` */
  readonly resource: string;
  /** `Ref`, or the attribute. */
  readonly of: string;
}

/** A value of a template without the names of what it refers to. */
export interface Anonymous {
  readonly value: unknown;
  /** Keys of the resources that were named, in the order in which they stand there. */
  readonly resources: readonly string[];
}

/** Takes names out of values of a stack. */
export type Anonymizer = (stackName: string, value: unknown) => Anonymous;

/**
 * Takes the names of resources out of values: what is left is the same after a rename. An import counts as the
 * reference that is exported, so that a resource may come to stand in the stack of what it refers to, or leave it.
 */
export function anonymizer(stacks: readonly TemplateStack[]): Anonymizer {
  const known = new Set(
    stacks.flatMap(({ stackName, template }) =>
      Object.keys(template.Resources ?? {}).map((logicalId) => keyOf({ stackName, logicalId })),
    ),
  );
  const referenceIn = (stackName: string, value: unknown): Reference | undefined => {
    const reference = readReference(value);
    const resource = reference && keyOf({ stackName, logicalId: reference.logicalId });
    return resource !== undefined && known.has(resource) ? { resource, of: reference!.of } : undefined;
  };
  const exports = new Map(
    stacks.flatMap(({ stackName, template }) =>
      exportsOf(template).flatMap(({ name, value }) => {
        const reference = referenceIn(stackName, value);
        return reference === undefined ? [] : [[name, reference] as const];
      }),
    ),
  );
  return (stackName, value) => {
    const resources: string[] = [];
    const named = ({ resource, of }: Reference) => {
      resources.push(resource);
      return { 'nx-cdk:reference': of };
    };
    const text = (given: string, own: ReadonlySet<string>): string =>
      given.replace(/\$\{([^!}][^}]*)\}/g, (whole, name: string) => {
        const [logicalId = '', ...attribute] = name.split('.');
        const resource = keyOf({ stackName, logicalId });
        if (own.has(name) || !known.has(resource)) return whole;
        resources.push(resource);
        return `\${nx-cdk:reference:${attribute.length === 0 ? 'Ref' : attribute.join('.')}}`;
      });
    const walk = (one: unknown): unknown => {
      if (typeof one !== 'object' || one === null) return one;
      if (Array.isArray(one)) return one.map(walk);
      const imported = singleEntry(one, 'Fn::ImportValue');
      const reference = typeof imported === 'string' ? exports.get(imported) : referenceIn(stackName, one);
      if (reference !== undefined) return named(reference);
      const sub = singleEntry(one, 'Fn::Sub');
      if (typeof sub === 'string') return { 'Fn::Sub': text(sub, new Set()) };
      if (Array.isArray(sub) && typeof sub[0] === 'string') {
        return { 'Fn::Sub': [text(sub[0], new Set(Object.keys((sub[1] as object | null) ?? {}))), walk(sub[1])] };
      }
      const sorted = Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(sorted.map(([key, each]) => [key, walk(each)]));
    };
    return { value: walk(value), resources };
  };
}

/** What a template exports under a name that is a plain text. */
function exportsOf({ Outputs = {} }: Template): { name: string; value: unknown }[] {
  return Object.values(Outputs).flatMap(({ Value: value, Export }) =>
    typeof Export?.Name === 'string' ? [{ name: Export.Name, value }] : [],
  );
}

/** Whether two templates export or import other things, or by other names. */
export function differInPassing(one: Template, other: Template): boolean {
  const passing = (template: Template) => ({ exports: exportsOf(template), imports: importsOf(template.Resources) });
  return !isDeepStrictEqual(passing(one), passing(other));
}

function importsOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = singleEntry(value, 'Fn::ImportValue');
  const all = own === undefined ? Object.values(value).flatMap(importsOf) : [own];
  return all.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function readReference(value: unknown): { logicalId: string; of: string } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const ref = singleEntry(value, 'Ref');
  if (typeof ref === 'string') return { logicalId: ref, of: 'Ref' };
  const attribute = singleEntry(value, 'Fn::GetAtt');
  const [logicalId, ...of] = typeof attribute === 'string' ? attribute.split('.') : asTexts(attribute);
  return logicalId === undefined ? undefined : { logicalId, of: of.join('.') };
}

function asTexts(value: unknown): string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : [];
}

/** The value of an object that has this key and no other. */
function singleEntry(value: object, key: string): unknown {
  const entries = Object.entries(value);
  return entries.length === 1 && entries[0]![0] === key ? entries[0]![1] : undefined;
}
