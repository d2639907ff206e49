import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type * as ajv from 'ajv';
import schema from '../environments.schema.json' with { type: 'json' };
import type {
  CiTarget,
  DeploymentEnvironment,
  Environments,
  PipelineSettings,
  PipelineSource,
  SigningAlgorithm,
  Target,
} from './model.ts';

/** The file a new user edits, at the root of the workspace. */
export const ENVIRONMENTS_FILE = 'environments.json';

/** CDK's own qualifier (`DefaultStackSynthesizer.DEFAULT_QUALIFIER`). */
export const DEFAULT_QUALIFIER = 'hnb659fds';

/** What the pipeline, its roles and its deployment records are called by default. */
export const DEFAULT_PIPELINE_NAME = 'nx-cdk';

const DEFAULT_BRANCH = 'main';

/** What a key signs with if the file says nothing: of the keys that KMS makes for `ECC_NIST_P256`: small and quick. */
export const DEFAULT_SIGNING_ALGORITHM: SigningAlgorithm = 'ECDSA_SHA_256';

const DEFAULT_EXECUTION_POLICIES = ['arn:aws:iam::aws:policy/AdministratorAccess'];

/** Something is wrong with `environments.json`; the message names the file and every wrong field. */
export class EnvironmentsError extends Error {
  override readonly name = 'EnvironmentsError';
}

interface EnvironmentsFile {
  ci: CiTarget;
  qualifier?: string;
  executionPolicies?: string[];
  pipeline?: { name?: string; source?: PipelineSource; images?: boolean };
  signing?: { key: string; algorithm?: SigningAlgorithm };
  environments: {
    name: string;
    approval?: boolean;
    executionPolicies?: string[];
    targets: Target[];
    parallelActions?: number;
  }[];
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
  const content = parse(path);
  const problems = [...shapeProblems(content)];
  if (problems.length === 0) problems.push(...doubles(content as EnvironmentsFile));
  if (problems.length > 0) {
    throw new EnvironmentsError(`${path} is not valid: ${problems.join('; ')}.`);
  }
  return withDefaults(path, content as EnvironmentsFile);
}

/**
 * Names of the environments in a file, in its order; none where the file cannot be understood. For the project graph: a
 * mistake in the file must not take every project of the workspace down. `readEnvironments` tells what is wrong.
 */
export function environmentNames(file: string): string[] {
  try {
    const { environments = [] } = parse(file) as { environments?: { name?: unknown }[] };
    return environments.map(({ name }) => name).filter((name): name is string => typeof name === 'string');
  } catch {
    return [];
  }
}

function findEnvironmentsFile(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, ENVIRONMENTS_FILE);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) {
      throw new EnvironmentsError(
        `No ${ENVIRONMENTS_FILE} in ${start} or a folder above it: create one at the root of the workspace, see docs/environments.md.`,
      );
    }
  }
}

function parse(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new EnvironmentsError(`${path} cannot be read: ${(error as Error).message}.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EnvironmentsError(`${path} is no valid JSON: ${(error as Error).message}.`);
  }
}

function shapeProblems(content: unknown): string[] {
  // Loaded late: most who import this package read no file, and a validator takes longer to load than all the rest.
  const { Ajv } = createRequire(import.meta.url)('ajv') as typeof ajv;
  const validator = new Ajv({ allErrors: true, verbose: true, strict: false });
  const validate = validator.compile(schema);
  if (validate(content)) return [];
  return (validate.errors ?? []).map(describe);
}

/** What each pattern of the schema asks for, in words: nobody should have to read a regular expression in an error. */
const PATTERN_MEANING: Readonly<Record<string, string>> = {
  account: 'an AWS account id: 12 digits in quotes',
  region: 'an AWS region such as eu-west-1',
  name: 'lower-case letters, digits and dashes, beginning with a letter, at most 30',
  qualifier: 'at most 10 lower-case letters and digits',
  executionPolicies: 'the ARN of a managed policy',
  lookupRoles: 'the ARN of a role',
  repository: 'a GitHub repository: owner/name',
  connection: 'the ARN of a CodeConnections connection',
  'signing.key': 'the ARN of a KMS key',
};

function describe(error: ajv.ErrorObject): string {
  const field = fieldName(error.instancePath);
  const value = JSON.stringify(error.data);
  switch (error.keyword) {
    case 'required':
      return `${field === '' ? '' : `${field}: `}the field "${error.params.missingProperty}" is missing`;
    case 'additionalProperties':
      return `${field === '' ? '' : `${field}: `}the field "${error.params.additionalProperty}" is unknown`;
    case 'const':
    case 'enum':
      return `${field} is ${value}, which is none of ${[error.params.allowedValues ?? error.params.allowedValue].flat().join(', ')}`;
    case 'minItems':
      return `${field} is empty, it needs at least one entry`;
    case 'type':
    case 'pattern': {
      const meaning = PATTERN_MEANING[field] ?? PATTERN_MEANING[lastName(error.instancePath)];
      return meaning === undefined
        ? `${field || 'the file'} ${error.message}`
        : `${field} is ${value}, which is not ${meaning}`;
    }
    default:
      return `${field || 'the file'} ${error.message ?? 'is wrong'}`;
  }
}

/** `/environments/0/targets/1/account` -> `environments[0].targets[1].account` */
function fieldName(instancePath: string): string {
  return instancePath
    .split('/')
    .slice(1)
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), '');
}

function lastName(instancePath: string): string {
  return (
    instancePath
      .split('/')
      .filter((part) => part !== '' && !/^\d+$/.test(part))
      .at(-1) ?? ''
  );
}

function doubles(content: EnvironmentsFile): string[] {
  const problems: string[] = [];
  const names = new Map<string, number>();
  const targets = new Map<string, string>();
  content.environments.forEach((environment, index) => {
    const first = names.get(environment.name);
    if (first !== undefined) {
      problems.push(`environments[${index}].name "${environment.name}" is already the name of environments[${first}]`);
    } else {
      names.set(environment.name, index);
    }
    environment.targets.forEach((target, position) => {
      const key = `${environment.name} ${target.account}/${target.region}`;
      const field = `environments[${index}].targets[${position}]`;
      const other = targets.get(key);
      if (other !== undefined) problems.push(`${field} ${target.account}/${target.region} is already ${other}`);
      else targets.set(key, field);
    });
  });
  return problems;
}

function withDefaults(file: string, content: EnvironmentsFile): Environments {
  const executionPolicies = content.executionPolicies ?? DEFAULT_EXECUTION_POLICIES;
  return {
    file,
    qualifier: content.qualifier ?? DEFAULT_QUALIFIER,
    executionPolicies,
    ci: content.ci,
    pipeline: pipelineSettings(content.pipeline),
    ...(content.signing === undefined ? {} : { signing: { algorithm: DEFAULT_SIGNING_ALGORITHM, ...content.signing } }),
    environments: content.environments.map((environment): DeploymentEnvironment => ({
      name: environment.name,
      approval: environment.approval ?? false,
      executionPolicies: environment.executionPolicies ?? executionPolicies,
      targets: environment.targets,
      ...(environment.parallelActions === undefined ? {} : { parallelActions: environment.parallelActions }),
    })),
  };
}

function pipelineSettings(given: EnvironmentsFile['pipeline'] = {}): PipelineSettings {
  const { name = DEFAULT_PIPELINE_NAME, images = false, source } = given;
  if (source === undefined) return { name, images };
  return {
    name,
    images,
    source: source.type === 's3' ? source : { ...source, branch: source.branch ?? DEFAULT_BRANCH },
  };
}
