import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * A program that a publishing step runs which was taken over, after it has published: with the credentials of the step
 * and nothing else. It attacks the stored assemblies in the buckets that it is told, by region and attack
 * (`eu-west-2=deleted,...`).
 */
const [account = '', attacks = ''] = process.argv.slice(2);
const config = {
  requestHandler: new NodeHttpHandler({
    httpsAgent: new Agent({ ca: readFileSync(process.env['NX_CDK_CA_FILE']!) }),
  }),
};
const keys = process.env['RELEASES']!.split(',').map((release) => `assemblies/${release.split('=')[1]}.json.gz`);

/** What a bundle holds, as it is stored. */
interface Stored {
  readonly files: [name: string, content: string][];
}

for (const [region, attack] of attacks.split(',').map((one) => one.split('='))) {
  const s3 = await publisherIn(region!);
  const Bucket = `cdk-hnb659fds-assets-${account}-${region}`;
  const contents = await Promise.all(keys.map((Key) => contentOf(s3, { Bucket, Key })));
  for (const [index, Key] of keys.entries()) {
    const another = contents.at(index - 1)!;
    const content = attack === 'deleted' ? undefined : await forged(attack!, contents[index]!, another);
    if (content === undefined) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    else await s3.send(new PutObjectCommand({ Bucket, Key, Body: content }));
    console.log(`${Bucket}/${Key} is ${attack}`);
  }
}

/** With the publishing role of a bucket, which the step may take. */
async function publisherIn(region: string): Promise<S3Client> {
  const name = `cdk-hnb659fds-file-publishing-role-${account}-${region}`;
  const RoleArn = `arn:aws:iam::${account}:role/${name}`;
  const sts = new STSClient({ ...config, region });
  const { Credentials: taken } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'taken-over' }));
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = taken!;
  const credentials = { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey!, sessionToken: sessionToken! };
  return new S3Client({ ...config, region, credentials, forcePathStyle: true });
}

async function contentOf(s3: S3Client, place: { readonly Bucket: string; readonly Key: string }): Promise<Buffer> {
  const { Body: body } = await s3.send(new GetObjectCommand(place));
  return Buffer.from(await body!.transformToByteArray());
}

/** What takes the place of a stored assembly. */
async function forged(attack: string, content: Buffer, another: Buffer): Promise<Buffer> {
  const stored = JSON.parse((await promisify(gunzip)(content)).toString()) as Stored;
  const packed = (files: Stored['files']) => promisify(gzip)(JSON.stringify({ ...stored, files }));
  switch (attack) {
    case 'replaced':
      return Buffer.from('something else');
    case 'exchanged':
      return another;
    case 'changed':
      return packed(stored.files.map(([name, text]) => [name, name.endsWith('.json') ? `${text} ` : text]));
    case 'leading-out':
      return packed([...stored.files, ['../../../apps/infra/src/verify.ts', 'console.log("taken over");']]);
    default:
      throw new Error(`There is no attack "${attack}"`);
  }
}
