import { readFile, rename, writeFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { instanceFiles } from './locations.ts';

const certificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Writes the two lists of authorities that an instance's clients are given. AWS_CA_BUNDLE replaces a program's own list
 * and NODE_EXTRA_CA_CERTS adds to it, and both may be set on a machine already (a company's proxy): what they name
 * stays trusted, so that nothing else of the machine breaks.
 */
export async function writeAuthorityBundles(
  directory: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const files = instanceFiles(directory);
  const own = await certificatesIn(files.authority);
  const node = await certificatesIn(environment['NODE_EXTRA_CA_CERTS']);
  const aws = await certificatesIn(environment['AWS_CA_BUNDLE']);
  await writeBundle(files.extraAuthorities, [...own, ...node]);
  await writeBundle(files.bundle, [...own, ...aws, ...node, ...rootCertificates]);
}

/** Without doubles: the variables may name these very files already. */
async function writeBundle(file: string, certificates: readonly string[]): Promise<void> {
  const staging = `${file}.${process.pid}.new`;
  await writeFile(staging, [...new Set(certificates)].join('\n') + '\n', { mode: 0o600 });
  await rename(staging, file);
}

async function certificatesIn(file: string | undefined): Promise<string[]> {
  if (!file) return [];
  const content = await readFile(file, 'utf8').catch(() => '');
  return content.match(certificate) ?? [];
}
