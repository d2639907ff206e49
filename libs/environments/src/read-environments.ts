import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type * as ajv from 'ajv';
import schema from '../environments.schema.json' with { type: 'json' };
import type { DeploymentEnvironment, Environments, NamedRoles, PipelineSource, SigningAlgorithm } from './model.ts';
import { targetName } from './pipeline-names.ts';

/** The file that a new user edits, at the root of the workspace. */
export const ENVIRONMENTS_FILE = 'environments.json';

/** CDK's own qualifier (`DefaultStackSynthesizer.DEFAULT_QUALIFIER`). */
export const DEFAULT_QUALIFIER = schema.properties.qualifier.default;

/** What KMS keys of the spec `ECC_NIST_P256` sign with, which are small and fast. */
export const DEFAULT_SIGNING_ALGORITHM = schema.properties.signing.properties.algorithm.default as SigningAlgorithm;

/** Something is wrong with `environments.json`; the message names the file and every wrong field. */
export class EnvironmentsError extends Error {
  override readonly name = 'EnvironmentsError';
}

/** The content of the file, with the defaults of its schema. */
interface EnvironmentsFile extends Omit<Environments, 'file' | 'environments' | 'roles'> {
  readonly roles?: NamedRoles;
  readonly $schema?: string;
  readonly environments: (Omit<DeploymentEnvironment, 'executionPolicies' | 'roles'> &
    Partial<DeploymentEnvironment>)[];
}

/**
 * Reads and validates `environments.json`.
 *
 * @param file path of the file.
 *   @default - `environments.json` in the current folder or the nearest one above it
 * @throws EnvironmentsError naming the file and the fields, if the file is missing, is no JSON or has an impossible
 * value
 */
export function readEnvironments(file?: string): Environments {
  const path = file === undefined ? findEnvironmentsFile(process.cwd()) : resolve(file);
  return parseEnvironments(textOf(path), path);
}

/**
 * Validates the content of an environments file.
 *
 * @param path of the file, for messages
 * @throws EnvironmentsError naming the file and the fields, if it is no JSON or has an impossible value
 */
export function parseEnvironments(text: string, path: string): Environments {
  const content = parse(text, path) as EnvironmentsFile;
  const problems = shapeProblems(content);
  if (problems.length === 0) {
    problems.push(...doubles(content), ...sharedByInstances(content), ...contradictions(content));
    problems.push(...unfitForDevelopment(content), ...impossibleDays(content));
  }
  if (problems.length > 0) throw new EnvironmentsError(`${path} is not valid: ${problems.join('; ')}.`);
  return environmentsOf(path, content);
}

function environmentsOf(file: string, { $schema: _, environments, pipeline, ...rest }: EnvironmentsFile): Environments {
  const { executionPolicies, roles = {} } = rest;
  return {
    ...rest,
    roles,
    file,
    pipeline: { ...pipeline, ...(pipeline.source && { source: withBranch(pipeline.source) }) },
    environments: environments.map((environment) => ({ executionPolicies, roles, ...environment })),
  };
}

/** Under a condition of the schema, the validator does not fill defaults in. */
function withBranch(source: PipelineSource): PipelineSource {
  return source.type === 's3' ? source : { ...source, branch: source.branch ?? schema.definitions.branch.default };
}

/** What the Nx targets of an environment follow from. */
export type EnvironmentOutline = Pick<DeploymentEnvironment, 'name'> & { readonly instances: boolean };

/**
 * The environments in a file, in its order; none if the file is wrong. For the project graph, which a mistake in the
 * file must not break: `readEnvironments` says what is wrong.
 */
export function environmentOutlines(file: string): EnvironmentOutline[] {
  try {
    type Wild = { readonly name?: unknown; readonly instances?: unknown };
    const { environments = [] } = parse(textOf(file), file) as { environments?: Wild[] };
    return environments.flatMap(({ name, instances }) =>
      typeof name === 'string' ? [{ name, instances: instances === true }] : [],
    );
  } catch {
    return [];
  }
}

function findEnvironmentsFile(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, ENVIRONMENTS_FILE);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) {
      const next = 'create one at the root of the workspace, see docs/environments.md';
      throw new EnvironmentsError(`No ${ENVIRONMENTS_FILE} in ${start} or a folder above it: ${next}.`);
    }
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new EnvironmentsError(`${path} cannot be read: ${(error as Error).message}.`);
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EnvironmentsError(`${path} is no valid JSON: ${(error as Error).message}.`);
  }
}

/** What does not fit the schema, whose defaults are filled in. */
function shapeProblems(content: unknown): string[] {
  // Loaded late: most code that imports this package reads no file, and a validator takes longer to load than the rest.
  const { Ajv } = createRequire(import.meta.url)('ajv') as typeof ajv;
  const validate = new Ajv({ allErrors: true, verbose: true, strict: false, useDefaults: true }).compile(schema);
  return validate(content) ? [] : (validate.errors ?? []).map(describe);
}

const ROLE_NAME = 'the name of a role, which may hold ${AWS::AccountId} and ${AWS::Region}';

/** What each pattern of the schema asks for, in words instead of a regular expression. */
const PATTERN_MEANING: Readonly<Record<string, string>> = {
  account: 'an AWS account id: 12 digits in quotes',
  region: 'an AWS region such as eu-west-1',
  name: 'lower-case letters, digits and dashes, beginning with a letter, at most 30',
  qualifier: 'at most 10 lower-case letters and digits',
  executionPolicies: 'the ARN of a managed policy',
  lookupRoles: 'the ARN of a role',
  qualifiers: 'at most 10 lower-case letters and digits',
  buckets: 'the name of a bucket, which may hold ${AWS::AccountId}, ${AWS::Region} and ${Qualifier}',
  deploy: ROLE_NAME,
  filePublishing: ROLE_NAME,
  imagePublishing: ROLE_NAME,
  lookup: ROLE_NAME,
  execution: ROLE_NAME,
  repository: 'a GitHub repository: owner/name',
  connection: 'the ARN of a CodeConnections connection',
  stack: 'a pattern of ids of stacks',
  resource: 'a pattern of paths in the construct tree',
  reason: 'a text that says why',
  until: 'a day: YYYY-MM-DD',
  notBefore: 'a day or a time in UTC: YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ',
  revoked: 'the digest of a release: 64 hexadecimal digits',
  alarms: 'the name or ARN of an alarm, or { "composite": ... } with one',
  composite: 'the name or ARN of an alarm',
  verify: 'the name of an Nx target',
  'signing.key': 'the ARN of a KMS key',
};

function describe({ keyword, instancePath, params, message, data }: ajv.ErrorObject): string {
  // `/environments/0/targets/1/account` -> `environments[0].targets[1].account`
  const field = instancePath
    .slice(1)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');
  const prefix = field === '' ? '' : `${field}: `;
  const value = `${field} is ${JSON.stringify(data)}, which is`;
  switch (keyword) {
    case 'required':
      return `${prefix}the field "${params.missingProperty}" is missing`;
    case 'additionalProperties':
      return `${prefix}the field "${params.additionalProperty}" is unknown`;
    case 'const':
    case 'enum':
      return `${value} none of ${[params.allowedValues ?? params.allowedValue].flat().join(', ')}`;
    case 'maxItems':
      return `${field} has ${(data as unknown[]).length} entries, and at most ${params.limit} are possible`;
    case 'minItems':
      return `${field} is empty, it needs at least one entry`;
    case 'type':
    case 'pattern': {
      const [, name = ''] = /(\w+)(?:\[\d+\])?$/.exec(field) ?? [];
      const meaning = PATTERN_MEANING[field] ?? PATTERN_MEANING[name];
      if (meaning !== undefined) return `${value} not ${meaning}`;
    }
  }
  return `${field || 'the file'} ${message ?? 'is wrong'}`;
}

/** Days that no calendar has: an exception must not last for ever because of a slip, nor a limit hold for nothing. */
function impossibleDays({ plan, releases }: EnvironmentsFile): string[] {
  const days = (plan?.accept ?? []).map(
    ({ until }, index) => [`plan.accept[${index}].until` as string, until] as const,
  );
  const { notBefore } = releases ?? {};
  if (notBefore !== undefined) days.push(['releases.notBefore', notBefore]);
  return days.flatMap(([field, text]) => {
    const time = new Date(text);
    const isThere = !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.replace(/Z$/, ''));
    return isThere ? [] : [`${field} is "${text}", which is no day of the calendar`];
  });
}

/** Settings of an environment that make no sense together. */
function contradictions({ environments }: EnvironmentsFile): string[] {
  return environments.flatMap(({ approval, instances, deploymentMode, alarms = [], monitoringMinutes }, index) => {
    const field = `environments[${index}]`;
    const isExpress = deploymentMode === 'express';
    const express = `${field}.deploymentMode is "express", which`;
    return [
      ...(instances && approval
        ? [
            `${field}.instances is true, so anybody may make another one, and ${field}.approval is true: set one of them`,
          ]
        : []),
      ...(isExpress && approval
        ? [`${express} waits for nothing, and ${field}.approval is true: set one of them`]
        : []),
      ...(isExpress && alarms.length > 0
        ? [`${express} rolls nothing back, and ${field}.alarms are to do that: set one of them`]
        : []),
      ...(monitoringMinutes !== undefined && alarms.length === 0
        ? [`${field}.monitoringMinutes is set, and there are no ${field}.alarms to watch`]
        : []),
    ];
  });
}

/** Of a stack in an account and region has to be known which environment it is an instance of. */
function sharedByInstances({ environments }: EnvironmentsFile): string[] {
  const places = environments.flatMap(({ targets, instances }, index) =>
    instances ? targets.map((target, position) => ({ name: targetName(target), index, position })) : [],
  );
  return places.flatMap(({ name, index, position }) => {
    const other = places.find((place) => place.name === name && place.index < index);
    if (other === undefined) return [];
    return `environments[${index}].targets[${position}] ${name} is a target of environments[${other.index}] too, and both have instances`;
  });
}

function doubles({ environments }: EnvironmentsFile): string[] {
  return environments.flatMap(({ name, targets }, index) => {
    const field = `environments[${index}]`;
    const first = environments.findIndex((environment) => environment.name === name);
    const ofName = first < index ? [`${field}.name "${name}" is already the name of environments[${first}]`] : [];
    const names = targets.map(targetName);
    const ofTargets = names.map((target, position) => {
      const other = names.indexOf(target);
      return other < position ? `${field}.targets[${position}] ${target} is already ${field}.targets[${other}]` : [];
    });
    return [...ofName, ...ofTargets.flat()];
  });
}

/** A hotswap asks nobody and passes CloudFormation by: it must not reach what has to be asked about, or is shared. */
function unfitForDevelopment({ environments }: EnvironmentsFile): string[] {
  return environments.flatMap(({ development, approval, targets }, index) => {
    if (development !== true) return [];
    const field = `environments[${index}]`;
    const asking = approval ? [`${field} has both "development" and "approval", which exclude each other`] : [];
    const others = environments.flatMap((other, position) => {
      const shared = other.development ? undefined : targets.map(targetName).find((one) => hasTarget(other, one));
      const what = `${field} is for development and shares ${shared} with environments[${position}], which is not`;
      return shared === undefined ? [] : [what];
    });
    return [...asking, ...others];
  });
}

function hasTarget({ targets }: Pick<DeploymentEnvironment, 'targets'>, name: string): boolean {
  return targets.some((target) => targetName(target) === name);
}
