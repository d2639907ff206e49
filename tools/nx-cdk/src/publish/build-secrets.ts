import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ImageBuild } from '../assembly/index.ts';
import { MASK } from '../progress/index.ts';

/** Larger files are no passwords, in bytes of text. */
const LARGEST = 64 * 1024;

/**
 * Takes out of a line of a build's output what its build arguments, secrets and cache options hold. Values of build
 * arguments are meant to be public, and often are not; a builder prints them with every step that uses them.
 *
 * They are masked here, at the source, and not registered with `redact`: an argument such as `eu-west-1` would be
 * masked everywhere.
 */
export async function maskOf(build: ImageBuild, environment: NodeJS.ProcessEnv): Promise<(line: string) => string> {
  const values = new Set<string>(Object.values(build.dockerBuildArgs ?? {}));
  for (const option of [...(build.cacheFrom ?? []), ...(build.cacheTo ? [build.cacheTo] : [])]) {
    for (const [name, value] of Object.entries(option.params ?? {}))
      if (/secret|token|key/i.test(name)) values.add(value);
  }
  for (const [id, specification] of Object.entries(build.dockerBuildSecrets ?? {})) {
    for (const value of await secretsOf(id, specification, build.directory, environment)) values.add(value);
  }
  const forms = [...values]
    .flatMap((value) => [value, ...value.split(/[\r\n]+/), JSON.stringify(value).slice(1, -1)])
    .map((value) => value.trim())
    .filter((value) => value !== '');
  if (forms.length === 0) return (line) => line;
  // The longest first, so that a value that contains another one is masked whole; a short one only if it stands alone.
  const alternatives = [...new Set(forms)]
    .sort((a, b) => b.length - a.length)
    .map((form) => (form.length < 6 ? `(?<![A-Za-z0-9])${escaped(form)}(?![A-Za-z0-9])` : escaped(form)));
  const pattern = new RegExp(alternatives.join('|'), 'g');
  return (line) => line.replace(pattern, MASK);
}

/**
 * `type=file,src=token.txt` or `type=env,env=TOKEN`; https://docs.docker.com/reference/cli/docker/buildx/build/#secret
 */
async function secretsOf(
  id: string,
  specification: string,
  directory: string,
  environment: NodeJS.ProcessEnv,
): Promise<string[]> {
  const fields = new Map(specification.split(',').map((field) => [field.split('=')[0]!, field.replace(/^[^=]*=/, '')]));
  const variable = fields.get('env') ?? (fields.has('src') || fields.has('source') ? undefined : id);
  const file = fields.get('src') ?? fields.get('source');
  const content = file === undefined ? '' : await readFile(resolve(directory, file), 'utf8').catch(() => '');
  return [variable === undefined ? '' : (environment[variable] ?? ''), content.length > LARGEST ? '' : content];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
