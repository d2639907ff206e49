import { readFileSync } from 'node:fs';
import type { AssemblyStack } from '../assembly/index.ts';
import { evaluate, type Surroundings } from './expressions.ts';
import { STATE_MACHINE, type Template } from './resources.ts';

/** What a state machine is given by its template. */
export interface SwappableMachine {
  readonly logicalId: string;
  /** In the Amazon States Language. */
  readonly definition: string;
}

/**
 * The state machines of a stack that is deployed, with what its template gives them. Left out is what only
 * CloudFormation knows or may do: values of other stacks and parameters, versions and aliases, definitions that are
 * encrypted with a key of their own, and templates with transforms.
 */
export function machinesOf({ files }: Pick<AssemblyStack, 'files'>, around: Surroundings): SwappableMachine[] {
  const { template } = around;
  if ('Transform' in template) return [];
  return machineIdsOf(template).flatMap((logicalId) => {
    const { Properties = {} } = template.Resources![logicalId]!;
    if (Properties['EncryptionConfiguration'] !== undefined || isPublished(template, logicalId)) return [];
    const definition = definitionOf(Properties, files, around);
    return definition === undefined ? [] : [{ logicalId, definition }];
  });
}

/** Logical ids of the state machines of a template. */
export function machineIdsOf({ Resources = {} }: Template): string[] {
  return Object.keys(Resources).filter((id) => Resources[id]!.Type === STATE_MACHINE);
}

/** Two definitions with the same identity do the same. */
export function identityOfDefinition(definition: string): string {
  try {
    return JSON.stringify(JSON.parse(definition), (_, value: unknown) => sorted(value));
  } catch {
    return definition;
  }
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function definitionOf(
  properties: Readonly<Record<string, unknown>>,
  files: AssemblyStack['files'],
  around: Surroundings,
): string | undefined {
  const { Definition, DefinitionString, DefinitionS3Location, DefinitionSubstitutions = {} } = properties;
  const substitutions = evaluate(DefinitionSubstitutions, around) as Record<string, unknown> | undefined;
  const given = evaluate(DefinitionString ?? Definition, around);
  const text =
    DefinitionS3Location === undefined
      ? typeof given === 'object'
        ? JSON.stringify(given)
        : given
      : contentOf(DefinitionS3Location as { readonly Key?: unknown }, files);
  if (typeof text !== 'string' || substitutions === undefined) return undefined;
  return Object.entries(substitutions).reduce(
    (filled, [name, value]) => filled.replaceAll(`\${${name}}`, () => String(value)),
    text,
  );
}

/** What is in the asset that a definition is. */
function contentOf({ Key: key }: { readonly Key?: unknown }, files: AssemblyStack['files']): string | undefined {
  const asset = files.find((one) => one.key === key);
  const { path, packaging, executable } = asset?.source ?? {};
  return path === undefined || packaging !== 'file' || executable !== undefined
    ? undefined
    : readFileSync(path, 'utf8');
}

/** Versions and aliases. */
const PUBLISHES = /^AWS::StepFunctions::StateMachine\w/;

/** Whether a version is made of a state machine: that has the definition which it was made with. */
function isPublished({ Resources = {} }: Template, id: string): boolean {
  const mayPublish = Object.values(Resources).filter(({ Type = '' }) => PUBLISHES.test(Type));
  return mayPublish.some((one) => JSON.stringify(one.Properties).includes(JSON.stringify(id)));
}
