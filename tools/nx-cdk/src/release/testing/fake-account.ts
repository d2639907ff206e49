import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AssemblyStack, FileAsset, ImageAsset } from '../../assembly/index.ts';
import type { AwsClients, Session } from '../../aws/index.ts';
import type { FileReport, ImageReport } from '../../destinations/index.ts';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';
export const ELSEWHERE = 'us-east-1';

/**
 * Buckets and repositories of one account in memory, and who was asked for what. The real ones are in tests/engines.
 */
export class FakeAccount {
  /** By `bucket/key`. */
  readonly objects = new Map<string, Buffer>();
  /** Digest by `region repository:tag`. */
  readonly images = new Map<string, string>();
  /** Such as `HeadObject a.json`, in the order of their arrival. */
  readonly asked: string[] = [];
  /** Milliseconds that an answer about a key takes. */
  readonly delays = new Map<string, number>();

  get aws(): AwsClients {
    return {
      s3: async () => ({
        send: (command: Command) => this.#answer(command, command.input['Key'] ?? command.input['Prefix']),
      }),
      ecr: async ({ region }: Session) => ({
        send: async ({ input }: Command) => {
          const { imageTag } = (input as { imageIds: { imageTag: string }[] }).imageIds[0]!;
          this.asked.push(`DescribeImages ${region} ${imageTag}`);
          const imageDigest = this.images.get(`${region} ${String(input['repositoryName'])}:${imageTag}`);
          if (imageDigest === undefined) throw named('ImageNotFoundException');
          return { imageDetails: [{ imageDigest }] };
        },
      }),
    } as unknown as AwsClients;
  }

  put(bucket: string, key: string, content: string | Buffer): string {
    this.objects.set(`${bucket}/${key}`, Buffer.from(content));
    return sha256(content);
  }

  async #answer({ constructor, input }: Command, subject: unknown): Promise<object> {
    const name = constructor.name.replace(/Command$/, '');
    this.asked.push(`${name} ${String(subject)}`);
    await new Promise((resolve) => setTimeout(resolve, this.delays.get(String(subject)) ?? 0));
    const path = `${String(input['Bucket'])}/${String(subject)}`;
    const content = this.objects.get(path);
    if (name === 'ListObjectsV2') return this.#list(path, input);
    if (name === 'PutObject') this.objects.set(path, Buffer.from(input['Body'] as string));
    if (name === 'PutObject' || name === 'GetBucketEncryption') return {};
    if (content === undefined) throw named(name === 'GetObject' ? 'NoSuchKey' : 'NotFound');
    const head = { ChecksumSHA256: Buffer.from(sha256(content), 'hex').toString('base64') };
    if (name === 'HeadObject') return head;
    const Body = Object.assign(Readable.from([content]), { transformToString: async () => content.toString() });
    return { Body, ...(input['ChecksumMode'] === 'ENABLED' && head) };
  }

  /** One page, in the order of the keys. The token is the last key of the page before. */
  #list(path: string, { StartAfter, ContinuationToken, MaxKeys = 1000, Delimiter }: Record<string, unknown>): object {
    const after = String(ContinuationToken ?? StartAfter ?? '');
    const found = [...this.objects]
      .filter(([each]) => each.startsWith(path))
      .map(([each, { length: Size }]) => ({ Key: each.slice(each.indexOf('/') + 1), Size, LastModified: new Date(0) }))
      .filter(({ Key }) => Key > after)
      .sort((one, other) => (one.Key < other.Key ? -1 : 1));
    if (Delimiter !== undefined) {
      const start = path.length - path.indexOf('/') - 1;
      const names = found.map(({ Key }) => Key.slice(0, Key.indexOf(String(Delimiter), start) + 1));
      const folders = [...new Set(names)];
      const shown = folders.slice(0, Number(MaxKeys)).map((Prefix) => ({ Prefix }));
      return { CommonPrefixes: shown, IsTruncated: shown.length < folders.length };
    }
    const page = found.slice(0, Number(MaxKeys));
    return { Contents: page, ...(page.length < found.length && { NextContinuationToken: page.at(-1)!.Key }) };
  }
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Record<string, unknown>;
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}

/** A file asset in the bucket `assets`, whose key is its name. @param directory with the file or folder */
export function fileOf(name: string, packaging: 'file' | 'zip' = 'file', directory = '/cdk.out'): FileAsset {
  return {
    stacks: [],
    assetId: name,
    manifestFile: '/cdk.out/assets.json',
    target: { account: ACCOUNT, region: REGION },
    source: { fingerprint: name, path: `${directory}/${name}`, packaging },
    bucket: 'assets',
    key: name,
  };
}

/** An image asset in the repository `images`, whose tag is its name. */
export function imageOf(name: string, region = REGION): ImageAsset {
  return {
    stacks: [],
    assetId: name,
    target: { account: ACCOUNT, region },
    source: { fingerprint: name, build: { directory: `/cdk.out/${name}` } },
    manifestFile: '/cdk.out/assets.json',
    repository: 'images',
    tag: name,
  };
}

/** A stack whose template is published, with more assets. */
export function stackOf(
  id: string,
  files: readonly FileAsset[] = [],
  images: readonly ImageAsset[] = [],
): AssemblyStack {
  const template = fileOf(`${id}.json`);
  return {
    id,
    stackName: id,
    target: { account: ACCOUNT, region: REGION },
    manifestFile: '/cdk.out/manifest.json',
    templateFile: template.source.path!,
    templateUrl: `s3://assets/${template.key}`,
    parameters: {},
    tags: {},
    notificationArns: [],
    dependencies: [],
    files: [template, ...files],
    images,
    resources: new Map(),
    readAnnotations: () => [],
  };
}

/** What a run says of a file that it brought to the bucket. */
export function uploaded(name: string, sha256: string, more: Partial<FileReport> = {}): FileReport {
  const id = `${ACCOUNT}/${REGION}/assets/${name}`;
  return { ...reportOf(name), kind: 'file', id, bucket: 'assets', key: name, region: REGION, sha256, ...more };
}

/** What a run says of an image that it pushed. */
export function pushed(name: string, digest: string, region = REGION): ImageReport {
  const id = `${ACCOUNT}/${region}/images:${name}`;
  return { ...reportOf(name), kind: 'image', id, repository: 'images', tag: name, region, digest };
}

function reportOf(name: string) {
  return { assetId: name, label: name, account: ACCOUNT, stacks: [], outcome: 'uploaded', seconds: 0 } as const;
}
