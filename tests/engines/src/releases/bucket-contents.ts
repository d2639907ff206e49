import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { PublishRecord } from 'nx-cdk/src/release/index.ts';
import { BUCKET, type TestRelease } from './release-bed.ts';

/** An object of the staging bucket. */
export async function contentOf(s3: S3Client, Key: string, Bucket = BUCKET): Promise<Buffer> {
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from(await body!.transformToByteArray());
}

export async function put(s3: S3Client, Key: string, Body: Buffer | string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
}

/** Flips one bit of an object, as somebody does who may write to the bucket. */
export async function flipByte(s3: S3Client, key: string, at = 0.5): Promise<void> {
  const content = await contentOf(s3, key);
  content[Math.floor(content.length * at)]! ^= 1;
  await put(s3, key, content);
}

/** Keys of the records of a release in the staging bucket. */
export async function recordsOf(s3: S3Client, { manifest }: Pick<TestRelease, 'manifest'>): Promise<string[]> {
  const command = new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `releases/${manifest.digest}/` });
  return ((await s3.send(command)).Contents ?? []).map(({ Key }) => Key!);
}

/** An envelope as it lies there. */
export interface StoredEnvelope {
  payloadType: string;
  payload: string;
  signatures: { keyid: string; sig: string }[];
}

/** The only record of a release. */
export async function envelopeOf(
  s3: S3Client,
  release: Pick<TestRelease, 'manifest'>,
): Promise<{ readonly key: string; readonly envelope: StoredEnvelope; readonly record: PublishRecord }> {
  const [key, ...others] = await recordsOf(s3, release);
  expect(others).toEqual([]);
  const envelope = JSON.parse((await contentOf(s3, key!)).toString()) as StoredEnvelope;
  const record = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as PublishRecord;
  return { key: key!, envelope, record };
}
