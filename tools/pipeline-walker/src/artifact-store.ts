import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type { ArtifactStore as ArtifactStoreDeclaration, PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { Failure } from 'nx-cdk/failure';
import type { Clients, Session } from './clients.ts';

/** What one action hands to later ones. */
export interface Artifact {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  /** The ARN of the object. */
  readonly arn: string;
  /** A zip archive, or a reference that CodeBuild clones the repository by. */
  readonly kind: 'zip' | 'clone';
  /** The connection that the repository is cloned by. */
  readonly connectionArn?: string;
  /** The commit, or the version of the object, that a source fetched; what a build made has none. */
  readonly revision?: string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Where the artifacts of a pipeline are kept. Every request is made with the session of whoever makes it on AWS. */
export class ArtifactStore {
  readonly bucket: string;
  /** The key that artifacts are encrypted with, as the definition names it; without one S3's own is used. */
  readonly encryptionKey: string | undefined;
  readonly #pipeline: string;
  readonly #clients: Clients;

  constructor(definition: PipelineDeclaration, region: string, clients: Clients) {
    const store: ArtifactStoreDeclaration | undefined = definition.artifactStore ?? definition.artifactStores?.[region];
    if (store?.location === undefined) {
      throw new Failure('Definition', { subject: definition.name, what: 'it has no artifact bucket', where: region });
    }
    this.bucket = store.location;
    this.encryptionKey = store.encryptionKey?.id;
    this.#pipeline = definition.name ?? '';
    this.#clients = clients;
  }

  /**
   * Uploads a file as an artifact, under a key as CodePipeline makes them: roles may be limited to the beginning of it.
   */
  async put(
    session: Session,
    name: string,
    file: string,
    rest: Pick<Artifact, 'kind' | 'connectionArn' | 'revision'>,
  ): Promise<Artifact> {
    const random = Array.from({ length: 7 }, () => LETTERS[Math.floor(Math.random() * LETTERS.length)]).join('');
    const key = `${this.#pipeline.slice(0, 20)}/${name.slice(0, 10)}/${random}`;
    const { bucket, encryptionKey } = this;
    await putFile(await this.#clients.s3(session), { bucket, key, file, encryptionKey });
    return { name, bucket, key, arn: `arn:aws:s3:::${bucket}/${key}`, ...rest };
  }

  async get(session: Session, artifact: Artifact, file: string): Promise<void> {
    await getFile(await this.#clients.s3(session), artifact.bucket, artifact.key, file);
  }
}

/**
 * One `PutObject`; returns the version that it made, in a bucket that has versions. From memory: the SDK would send a
 * stream in chunks of its own, unsigned.
 */
export async function putFile(
  s3: Awaited<ReturnType<Clients['s3']>>,
  to: { bucket: string; key: string; file: string; encryptionKey: string | undefined },
): Promise<string | undefined> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const { VersionId } = await s3.send(
    new PutObjectCommand({
      Bucket: to.bucket,
      Key: to.key,
      Body: await readFile(to.file),
      ...(to.encryptionKey && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: to.encryptionKey }),
    }),
  );
  return VersionId;
}

/** One `GetObject`, into a file. */
export async function getFile(
  s3: Awaited<ReturnType<Clients['s3']>>,
  bucket: string,
  key: string,
  file: string,
): Promise<void> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  await pipeline(Body as Readable, createWriteStream(file, { mode: 0o600 }));
}
