import { createHash, randomBytes } from 'node:crypto';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Target, FileAsset } from 'nx-cdk/src/assembly/model.ts';

/** Names of the default bootstrap, placeholders as the synthesizer writes them. */
export const BUCKET = 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}';
export const ROLE =
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-file-publishing-role-${AWS::AccountId}-${AWS::Region}';

/** A file or folder on disk that an asset is made of. */
export interface Source {
  readonly path: string;
  readonly packaging: 'file' | 'zip';
}

/** The file asset that CDK's default synthesizer makes of a source. */
export function assetOf(source: Source, target: Target, extra: Partial<FileAsset> = {}): FileAsset {
  const hash = createHash('sha256').update(source.path).digest('hex');
  return {
    stacks: ['Data'],
    assetId: hash,
    manifestFile: join(dirname(source.path), 'Data.assets.json'),
    target,
    role: { arn: ROLE },
    source: { ...source, fingerprint: source.path },
    bucket: BUCKET,
    key: `${hash}.${source.packaging === 'zip' ? 'zip' : 'json'}`,
    ...extra,
  };
}

/** A template that no other run has. */
export async function templateFile(folder: string): Promise<Source> {
  const path = join(folder, `${randomBytes(6).toString('hex')}.template.json`);
  await writeFile(
    path,
    JSON.stringify({ Resources: { [randomBytes(300).toString('hex')]: { Type: 'AWS::SQS::Queue' } } }),
  );
  return { path, packaging: 'file' };
}

/** A folder with a handler that no other run has. */
export async function handlerFolder(folder: string): Promise<Source> {
  const path = join(folder, `asset.${randomBytes(6).toString('hex')}`);
  await mkdir(join(path, 'lib'), { recursive: true });
  await writeFile(join(path, 'index.mjs'), `export const handler = () => '${randomBytes(2000).toString('hex')}';\n`);
  await writeFile(join(path, 'lib', 'greeting.mjs'), 'export const greeting = "hello";\n'.repeat(100));
  return { path, packaging: 'zip' };
}

/** A file that is streamed if it is large enough, not held in memory. */
export async function largeFile(folder: string, bytes: number): Promise<Source> {
  const path = join(folder, `${randomBytes(6).toString('hex')}.bin`);
  await writeFile(path, randomBytes(1000));
  await truncate(path, bytes);
  return { path, packaging: 'file' };
}
