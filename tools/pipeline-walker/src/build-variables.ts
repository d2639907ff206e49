import type { EnvironmentVariable } from '@aws-sdk/client-codebuild';
import { Failure } from 'nx-cdk/failure';
import { registerSecret } from 'nx-cdk/progress';
import type { Buildspec } from './buildspec.ts';
import type { Clients, Session } from './clients.ts';

/** Values that actions hand on, by namespace: `variables` are the pipeline's own. */
export type Namespaces = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** A variable of a build before it is looked up. */
export interface BuildVariable {
  readonly name: string;
  /** The value itself, or the name of what holds it. */
  readonly value: string;
  readonly type: NonNullable<EnvironmentVariable['type']>;
}

/**
 * Puts values in the place of `#{variables.X}` and `#{Namespace.X}`
 * (https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html).
 *
 * @throws Failure `Variable` naming one that no action has made
 */
export function fillIn(text: string, namespaces: Namespaces): string {
  return text.replace(/#\{([^}.]+)\.([^}]+)\}/g, (reference, namespace: string, name: string) => {
    const value = namespaces.get(namespace)?.[name];
    if (value !== undefined) return value;
    const known = [...namespaces.keys()].join(', ');
    throw new Failure('Variable', {
      subject: reference,
      what: `no action before this one made it; there are the namespaces ${known}`,
      next: "correct the pipeline's definition",
    });
  });
}

/**
 * Variables of a CodeBuild action, from the JSON in its configuration.
 *
 * @throws Failure `Variable` if that is none
 */
export function variablesOfAction(json: string | undefined): BuildVariable[] {
  if (json === undefined || json.trim() === '') return [];
  try {
    return withTypes(JSON.parse(json) as EnvironmentVariable[]);
  } catch (cause) {
    const what = 'EnvironmentVariables of the action is no JSON list of {name, value, type}';
    throw new Failure('Variable', { what }, { cause });
  }
}

/** The variables of a build by name, the strongest last: the buildspec's, the project's, the action's. */
export function variablesOfBuild(
  spec: Buildspec,
  project: readonly EnvironmentVariable[],
  action: readonly BuildVariable[],
): BuildVariable[] {
  const of = (values: Readonly<Record<string, string>>, type: BuildVariable['type']) =>
    Object.entries(values).map(([name, value]) => ({ name, value, type }));
  const all = [
    ...of(spec.variables, 'PLAINTEXT'),
    ...of(spec.parameterStore, 'PARAMETER_STORE'),
    ...of(spec.secretsManager, 'SECRETS_MANAGER'),
    ...withTypes(project),
    ...action,
  ];
  return [...new Map(all.map((variable) => [variable.name, variable])).values()];
}

/**
 * Looks parameters and secrets up, with the role of the build. Errors are the SDK's own, with the call that they came
 * from.
 */
export async function lookUp(
  variables: readonly BuildVariable[],
  session: Session,
  clients: Clients,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const { name, value, type } of variables) {
    if (type === 'PLAINTEXT') values[name] = value;
    else if (type === 'PARAMETER_STORE') values[name] = await parameter(value, session, clients);
    else values[name] = await secret(value, session, clients);
  }
  return values;
}

async function parameter(name: string, session: Session, clients: Clients): Promise<string> {
  const { GetParametersCommand } = await import('@aws-sdk/client-ssm');
  const ssm = await clients.ssm(session);
  // The plural is what CodeBuild calls, and what its documentation asks a role to allow.
  const { Parameters } = await ssm.send(new GetParametersCommand({ Names: [name], WithDecryption: true }));
  const found = Parameters?.[0];
  if (found?.Value === undefined) {
    throw new Failure('Variable', {
      what: `There is no parameter ${name} for a variable of the build`,
      next: 'put it, or correct its name',
    });
  }
  if (found.Type === 'SecureString') registerSecret(found.Value);
  return found.Value;
}

async function secret(reference: string, session: Session, clients: Clients): Promise<string> {
  const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  const { id, key, stage, version } = secretReference(reference);
  const client = await clients.secretsManager(session);
  const { SecretString: text = '' } = await client.send(
    new GetSecretValueCommand({
      SecretId: id,
      ...(stage === '' ? {} : { VersionStage: stage }),
      ...(version === '' ? {} : { VersionId: version }),
    }),
  );
  registerSecret(text);
  if (key === '') return text;
  const value = fieldOf(text, key);
  if (value === undefined) {
    throw new Failure('Variable', {
      subject: id,
      what: `the secret has no key ${key}, which a variable of the build names`,
    });
  }
  registerSecret(value);
  return value;
}

/** `secret-id:json-key:version-stage:version-id`, where the id may be an ARN with colons of its own. */
export function secretReference(reference: string): { id: string; key: string; stage: string; version: string } {
  const parts = reference.split(':');
  const ofId = reference.startsWith('arn:') ? 7 : 1;
  const [key = '', stage = '', version = ''] = parts.slice(ofId);
  return { id: parts.slice(0, ofId).join(':'), key, stage, version };
}

function fieldOf(json: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(json) as Record<string, unknown>)[key];
    return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function withTypes(variables: readonly EnvironmentVariable[]): BuildVariable[] {
  return variables.map(({ name, value, type }) => ({ name: name!, value: value ?? '', type: type ?? 'PLAINTEXT' }));
}
