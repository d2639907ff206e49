import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Failure } from 'nx-cdk/failure';
import type { Session } from './clients.ts';
import type { Artifact, RunningAction, Walk } from './walk.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Uploads a file as an artifact, with a key as CodePipeline makes them: roles may be limited to its first parts. */
export async function uploadArtifact(
  walk: Walk,
  action: RunningAction,
  session: Session,
  name: string,
  file: string,
  about: Pick<Artifact, 'kind' | 'connectionArn' | 'revision'>,
): Promise<void> {
  action.say(`uploading ${name}`);
  const { name: subject = '', artifactStore, artifactStores } = walk.definition;
  const { location: bucket, encryptionKey } = artifactStore ?? artifactStores?.[walk.region] ?? {};
  if (bucket === undefined) {
    throw new Failure('Definition', { subject, what: 'it has no artifact bucket', where: walk.region });
  }
  const random = Array.from({ length: 7 }, () => LETTERS[Math.floor(Math.random() * LETTERS.length)]).join('');
  const key = `${subject.slice(0, 20)}/${name.slice(0, 10)}/${random}`;
  await putFile(await walk.clients.s3(session), bucket, key, file, encryptionKey?.id);
  walk.artifacts.set(name, { bucket, key, ...about });
}

/**
 * One `PutObject`. From memory: the SDK would send a stream in unsigned chunks.
 *
 * @returns the new version, in a bucket that has versions
 */
export async function putFile(
  s3: S3Client,
  bucket: string,
  key: string,
  file: string,
  encryptionKey?: string,
): Promise<string | undefined> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const { VersionId } = await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: await readFile(file),
      ...(encryptionKey && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: encryptionKey }),
    }),
  );
  return VersionId;
}

/** One `GetObject`, into a file. */
export async function getFile(s3: S3Client, bucket: string, key: string, file: string): Promise<void> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  await pipeline(Body as Readable, createWriteStream(file, { mode: 0o600 }));
}
