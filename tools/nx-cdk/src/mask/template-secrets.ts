import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { registerSecret } from '../progress/index.ts';

const SECRET =
  /pass(word|wd|phrase|code)|pwd|secret|token|credential|authorization|(api|access|private|signing|encryption|master)[_-]?key|connection[_-]?string/i;

/** Properties whose members are variables of a program: any of them may hold a secret, whatever its name. */
const VARIABLES = /^(Variables|EnvironmentVariables|Environment|EnvironmentMap)$/;

/** Whether the name of a property, parameter or output suggests a secret. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

/** Whether the members of a property are variables of a program. */
export function holdsVariables(name: string): boolean {
  return VARIABLES.test(name);
}

/** Masks the secrets in all templates of an assembly in everything that is printed from then on. */
export async function hideTemplateSecrets(directory: string): Promise<void> {
  for await (const file of glob('**/*.template.json', { cwd: directory })) {
    templateSecrets(JSON.parse(await readFile(join(directory, file), 'utf8'))).forEach(registerSecret);
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
    if ((isSecretName(name) || isValue) && !holdsVariables(name) && typeof inner === 'string') secrets.push(inner);
    collect(inner, secrets);
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? (value as Record<string, unknown>) : {};
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
