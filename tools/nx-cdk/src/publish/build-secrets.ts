import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ImageBuild } from '../assembly/index.ts';
import { MASK } from '../progress/index.ts';

/** Larger files are no passwords, in bytes of text. */
const LARGEST = 64 * 1024;

/**
 * Masks, in a line of a build's output, the values of its build arguments, secrets and cache options. A builder prints
 * build arguments with every step that uses them, and they are not always as public as they are meant to be.
 *
 * Not by `redact`, which masks everywhere: an argument may be `eu-west-1`.
 */
export async function maskOf(build: ImageBuild): Promise<(line: string) => string> {
  const values = Object.values(build.dockerBuildArgs ?? {});
  for (const { params = {} } of [...(build.cacheFrom ?? []), ...(build.cacheTo ? [build.cacheTo] : [])])
    values.push(...Object.keys(params).flatMap((name) => (/secret|token|key/i.test(name) ? [params[name]!] : [])));
  for (const [id, specification] of Object.entries(build.dockerBuildSecrets ?? {}))
    values.push(...(await secretsOf(id, specification, build.directory)));
  const forms = values
    .flatMap((value) => [value, ...value.split(/[\r\n]+/), JSON.stringify(value).slice(1, -1)])
    .map((value) => value.trim())
    .filter((value) => value !== '');
  if (forms.length === 0) return (line) => line;
  // The longest first, so that a value that contains another one is masked whole; a short one only if it stands alone.
  const alternatives = forms
    .toSorted((a, b) => b.length - a.length)
    .map((form) => (form.length < 6 ? `(?<![A-Za-z0-9])${escaped(form)}(?![A-Za-z0-9])` : escaped(form)));
  const pattern = new RegExp(alternatives.join('|'), 'g');
  return (line) => line.replace(pattern, MASK);
}

/**
 * `type=file,src=token.txt` or `type=env,env=TOKEN`; https://docs.docker.com/reference/cli/docker/buildx/build/#secret
 */
async function secretsOf(id: string, specification: string, directory: string): Promise<string[]> {
  const fields = new Map(specification.split(',').map((field) => [field.split('=')[0]!, field.replace(/^[^=]*=/, '')]));
  const file = fields.get('src') ?? fields.get('source');
  const variable = fields.get('env') ?? (file === undefined ? id : undefined);
  const content = file === undefined ? '' : await readFile(resolve(directory, file), 'utf8').catch(() => '');
  return [variable === undefined ? '' : (process.env[variable] ?? ''), content.length > LARGEST ? '' : content];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
