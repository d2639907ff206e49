import { resolve } from 'node:path';
import type { ReleaseSigning } from '@libs/environments';
import { Failure } from '../failure/index.ts';

/** How an executor says by what releases are signed. */
export interface SigningOptions {
  /** The environments file, relative to the workspace root. */
  readonly environmentsFile?: string;
  /** ARN of a key, in the place of the file's. */
  readonly signingKey?: string;
}

/** As in the environments file. */
const DEFAULT_ALGORITHM = 'ECDSA_SHA_256';

/**
 * By what releases are signed; undefined where they are not.
 *
 * @throws Failure `SigningKey` for a key that is no ARN of one
 */
export async function releaseSigning(
  workspaceRoot: string,
  { environmentsFile, signingKey: key }: SigningOptions,
): Promise<ReleaseSigning | undefined> {
  const read = async (file: string) => {
    const { readEnvironments } = await import('@libs/environments');
    return readEnvironments(resolve(workspaceRoot, file)).signing;
  };
  const ofFile = environmentsFile === undefined ? undefined : await read(environmentsFile);
  if (key === undefined) return ofFile;
  if (!/^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/.test(key)) {
    throw new Failure(
      'SigningKey',
      `--signingKey is "${key}", which is not the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>.`,
    );
  }
  return { key, algorithm: ofFile?.algorithm ?? DEFAULT_ALGORITHM };
}
