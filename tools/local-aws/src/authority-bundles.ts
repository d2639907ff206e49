import { readFile, rename, writeFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { instanceFiles } from './locations.ts';

const certificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Writes the two lists of authorities for an instance's clients. AWS_CA_BUNDLE replaces a program's own list and
 * NODE_EXTRA_CA_CERTS adds to it. What the machine already sets them to (a company's proxy) stays trusted.
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

/** Without duplicates: the variables may already name these files. */
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
