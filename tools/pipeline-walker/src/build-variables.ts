import type { EnvironmentVariable } from '@aws-sdk/client-codebuild';
import { Failure } from 'nx-cdk/failure';
import { registerSecret } from 'nx-cdk/progress';
import type { Buildspec } from './buildspec.ts';
import type { Clients, Session } from './clients.ts';
import type { Walk } from './walk.ts';

/** A variable of a build before it is looked up. */
export interface BuildVariable {
  readonly name: string;
  /** The value itself, or the name of what holds it. */
  readonly value: string;
  readonly type: NonNullable<EnvironmentVariable['type']>;
}

/**
 * Replaces `#{variables.X}` and `#{Namespace.X}` by their values
 * (https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html).
 *
 * @throws Failure `Variable` naming one that no action has made
 */
export function fillIn(text: string, namespaces: Walk['namespaces']): string {
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
 * @throws Failure `Variable` if it is not a JSON list
 */
export function variablesOfAction(json = ''): BuildVariable[] {
  if (json.trim() === '') return [];
  try {
    return withTypes(JSON.parse(json) as EnvironmentVariable[]);
  } catch (cause) {
    const what = 'EnvironmentVariables of the action is no JSON list of {name, value, type}';
    throw new Failure('Variable', { what }, { cause });
  }
}

/** The variables of a build by name: the action's win over the project's, and these over the buildspec's. */
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

/** Looks up parameters and secrets with the role of the build. Errors are the SDK's own. */
export async function lookUp(
  variables: readonly BuildVariable[],
  session: Session,
  clients: Clients,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const { name, value, type } of variables) {
    if (type === 'PARAMETER_STORE') values[name] = await parameter(value, session, clients);
    else if (type === 'SECRETS_MANAGER') values[name] = await secret(value, session, clients);
    else values[name] = value;
  }
  return values;
}

async function parameter(name: string, session: Session, clients: Clients): Promise<string> {
  const { GetParametersCommand } = await import('@aws-sdk/client-ssm');
  const ssm = await clients.ssm(session);
  // Not GetParameter: CodeBuild calls this one, and its documentation asks a role to allow it.
  const { Parameters } = await ssm.send(new GetParametersCommand({ Names: [name], WithDecryption: true }));
  const { Value: value, Type: type } = Parameters?.[0] ?? {};
  if (value === undefined) {
    const what = `There is no parameter ${name} for a variable of the build`;
    throw new Failure('Variable', { what, next: 'put it, or correct its name' });
  }
  if (type === 'SecureString') registerSecret(value);
  return value;
}

async function secret(reference: string, session: Session, clients: Clients): Promise<string> {
  const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  const { id, key, stage, version } = secretReference(reference);
  const client = await clients.secretsManager(session);
  const { SecretString: text = '' } = await client.send(
    new GetSecretValueCommand({
      SecretId: id,
      ...(stage && { VersionStage: stage }),
      ...(version && { VersionId: version }),
    }),
  );
  registerSecret(text);
  if (key === '') return text;
  const value = fieldOf(text, key);
  if (value === undefined) {
    const what = `the secret has no key ${key}, which a variable of the build names`;
    throw new Failure('Variable', { subject: id, what });
  }
  registerSecret(value);
  return value;
}

/** `secret-id:json-key:version-stage:version-id`; the id may be an ARN, which has colons too. */
export function secretReference(reference: string): { id: string; key: string; stage: string; version: string } {
  const parts = reference.split(':');
  const ofId = reference.startsWith('arn:') ? 7 : 1;
  const [key = '', stage = '', version = ''] = parts.slice(ofId);
  return { id: parts.slice(0, ofId).join(':'), key, stage, version };
}

function fieldOf(json: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(json) as Record<string, unknown>)[key];
    return typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function withTypes(variables: readonly EnvironmentVariable[]): BuildVariable[] {
  return variables.map(({ name, value = '', type = 'PLAINTEXT' }) => ({ name: name!, value, type }));
}
