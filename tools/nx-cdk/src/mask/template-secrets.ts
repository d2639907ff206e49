import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { readData } from '../assembly/index.ts';
import { registerSecret } from '../progress/index.ts';

const SECRET =
  /pass(word|wd|phrase|code)|pwd|secret|token|credential|authorization|basic[_-]?auth|webhook|(api|access|private|signing|encryption|master|license|shared)[_-]?key|connection[_-]?string|\bdsn\b/i;

/**
 * Properties whose content the app makes up, and CloudFormation only hands on: any may hold a secret, whatever it is
 * called. Found by going through the names in CloudFormation's resource specification; a family of names is one line.
 */
const FREE = [
  // Variables and arguments of programs: functions, containers, builds, jobs.
  /^(\w*Variables|Environment|EnvironmentMap|\w*(Parameters|Arguments|Args|Commands?)|EntryPoint|PropertyMap|OptionSettings)$/,
  // Scripts, documents and code: instances, builds, state machines, cloud-init.
  /^(UserData|BuildSpec|ZipFile|InlineCode|AWS::CloudFormation::Init|\w*Definition(String|Body)?|\w*(Body|Content|Template|Script|Manifest))$/i,
  // A value with nothing else to say: of an SSM parameter, an API key, an output, a variable.
  /^(Value|\w*KeyValue)$/,
  // Headers that a CDN adds and a load balancer or firewall looks for, by which they know each other.
  /^(HeaderValue|HttpHeaderConfig|SearchString)$/,
];

/** Whether the name of a property, parameter or output suggests a secret. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

/** Whether the content of a property is the app's own, and may hold a secret whatever it is called. */
export function isFree(name: string): boolean {
  return FREE.some((names) => names.test(name));
}

/** Masks the secrets in all templates of an assembly in everything that is printed from then on. */
export async function hideTemplateSecrets(directory: string): Promise<void> {
  for await (const file of glob('**/*.template.json', { cwd: directory })) {
    templateSecrets(JSON.parse((await readData(join(directory, file))).toString())).forEach(registerSecret);
  }
}

/**
 * Texts of a CloudFormation template that must not be in a log: defaults of NoEcho parameters, and properties and
 * variables of programs whose names suggest a password, secret, token or key.
 */
export function templateSecrets(template: unknown): string[] {
  const { Parameters: parameters, Resources: resources } = asObject(template);
  const secrets: string[] = [];
  for (const { NoEcho: noEcho, Default: text } of Object.values(asObject(parameters)).map(asObject))
    if ((noEcho === true || noEcho === 'true') && typeof text === 'string') secrets.push(text);
  for (const resource of Object.values(asObject(resources)).map(asObject)) collect(resource['Properties'], secrets);
  return [...new Set(secrets)];
}

function collect(value: unknown, secrets: string[]): void {
  if (Array.isArray(value)) return value.forEach((one) => collect(one, secrets));
  const entries = Object.entries(asObject(value));
  // A variable as ECS and CodeBuild have it: { Name, Value }.
  const named = entries.find(([name]) => name.toLowerCase() === 'name')?.[1];
  for (const [name, inner] of entries) {
    const isValue = name.toLowerCase() === 'value' && typeof named === 'string' && isSecretName(named);
    // What refers to something else is an object, and holds no secret of its own.
    if ((isSecretName(name) || isValue) && typeof inner === 'string') secrets.push(inner);
    collect(inner, secrets);
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? (value as Record<string, unknown>) : {};
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
