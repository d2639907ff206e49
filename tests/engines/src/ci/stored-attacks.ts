import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LocalAws } from '@nx-cdk/local-aws';

/** What is done to a stored assembly. */
export type StoredAttack = 'replaced' | 'changed' | 'exchanged' | 'deleted';

/**
 * What a job that publishes can do with what it has stored, if it was taken over: it has the publishing role of the
 * bucket. Every assembly there is attacked; they are others than the ones that were, which is made sure of.
 *
 * @param session of the job
 * @returns the keys
 */
export async function attackStored(
  aws: LocalAws,
  session: AwsCredentialIdentity,
  { account, region }: { readonly account: string; readonly region: string },
  attack: StoredAttack,
): Promise<string[]> {
  const connection = {
    endpoint: aws.endpoint,
    region,
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(aws.caFile) }) }),
  };
  const RoleArn = `arn:aws:iam::${account}:role/cdk-hnb659fds-file-publishing-role-${account}-${region}`;
  const params = { RoleArn, RoleSessionName: 'taken-over' };
  const credentials = fromTemporaryCredentials({ params, masterCredentials: session, clientConfig: connection });
  const s3 = new S3Client({ ...connection, credentials, forcePathStyle: true });
  try {
    const Bucket = `cdk-hnb659fds-assets-${account}-${region}`;
    const { Contents: listed = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'assemblies/' }));
    const keys = listed.map(({ Key }) => Key!);
    if (keys.length < 2) throw new Error(`${Bucket} holds ${keys.length} assemblies: there is nothing to exchange`);
    const contents: Buffer[] = [];
    for (const Key of keys) {
      const { Body: body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      contents.push(Buffer.from(await body!.transformToByteArray()));
    }
    for (const [index, Key] of keys.entries()) {
      const content = await forged(attack, contents[index]!, contents.at(index - 1)!);
      if (content === undefined) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      else await s3.send(new PutObjectCommand({ Bucket, Key, Body: content }));
    }
    return keys;
  } finally {
    s3.destroy();
  }
}

/** What takes the place of a stored assembly; undefined for nothing. */
async function forged(attack: StoredAttack, content: Buffer, another: Buffer): Promise<Buffer | undefined> {
  switch (attack) {
    case 'deleted':
      return undefined;
    case 'replaced':
      return Buffer.from('something else');
    case 'exchanged':
      return another;
    case 'changed': {
      const text = (await promisify(gunzip)(content)).toString();
      const { files, ...head } = JSON.parse(text) as { files: [name: string, content: string][] };
      const changed = files.map(([name, file]) => [name, name.endsWith('.template.json') ? `${file}\n` : file]);
      return promisify(gzip)(JSON.stringify({ ...head, files: changed }));
    }
  }
}
