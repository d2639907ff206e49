import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { registerSecret } from '../progress/index.ts';
import { holdsVariables, isSecretName } from './secret-names.ts';

/** Keeps the secrets in all templates of an assembly out of everything that is printed from then on. */
export async function hideTemplateSecrets(directory: string): Promise<void> {
  for await (const file of glob('**/*.template.json', { cwd: directory })) {
    templateSecrets(JSON.parse(await readFile(join(directory, file), 'utf8'))).forEach(registerSecret);
  }
}

/**
 * Texts of a CloudFormation template that nobody should read in a log: defaults of NoEcho parameters, what is called a
 * password, secret, token or key, and variables of programs that are called so.
 */
export function templateSecrets(template: unknown): string[] {
  const { Parameters: parameters = {}, Resources: resources = {} } = asObject(template);
  const secrets: string[] = [];
  for (const parameter of Object.values(asObject(parameters)).map(asObject)) {
    const noEcho = parameter['NoEcho'] === true || parameter['NoEcho'] === 'true';
    if (noEcho) secrets.push(...textsOf(parameter['Default']));
  }
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
    if ((isSecretName(name) || isValue) && !holdsVariables(name)) secrets.push(...textsOf(inner));
    collect(inner, secrets);
  }
}

/** A text itself; what refers to something else holds no secret of its own. */
function textsOf(value: unknown): string[] {
  return typeof value === 'string' ? [value] : [];
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
