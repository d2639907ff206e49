import type { AwsClients } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import { nameOf, type ResolvedStack } from '../cloudformation/index.ts';
import { ImageCheck } from './image-check.ts';

/**
 * Looks whether the files of a stack are published, before CloudFormation trips over a missing one half-way. Each
 * object is looked for once a run. The template itself is not looked for: CloudFormation reads it first thing and says
 * so.
 */
export class AssetCheck {
  readonly #aws: Pick<AwsClients, 's3'>;
  readonly #images: ImageCheck;
  readonly #present = new Map<string, Promise<boolean>>();

  constructor(aws: Pick<AwsClients, 's3' | 'ecr'>) {
    this.#aws = aws;
    this.#images = new ImageCheck(aws);
  }

  /** @throws Failure `AssetMissing` naming the asset and the bucket or repository. */
  async verify(target: ResolvedStack): Promise<void> {
    const files = target.stack.files.map((file) => ({
      file,
      bucket: target.resolve(file.bucket),
      key: target.resolve(file.key),
    }));
    const others = files.filter(({ bucket, key }) => bucket !== target.template?.bucket || key !== target.template.key);
    await Promise.all([
      ...others.map(async ({ file, bucket, key }) => {
        if (await this.#exists(target, bucket, key)) return;
        throw missing(target, `asset ${file.displayName ?? file.assetId}`, `bucket ${bucket}`);
      }),
      ...target.stack.images.map(async (image) => {
        const repository = target.resolve(image.repository);
        // A destination may name a region of its own, which a deployment of this stack has no role for.
        if (!isHere(target, image.target.region)) return;
        if (await this.#images.exists(target, repository, target.resolve(image.tag))) return;
        throw missing(target, `image ${image.displayName ?? image.assetId}`, `repository ${repository}`);
      }),
    ]);
  }

  /**
   * Turns CloudFormation's complaint about a template that it cannot read into one that names the way out; returns any
   * other error as it is.
   */
  async explain(target: ResolvedStack, error: unknown): Promise<unknown> {
    const complaint = /S3 error|TemplateURL|Template not found/i;
    if (!target.template || !complaint.test((error as Error | undefined)?.message ?? '')) return error;
    const { bucket, key } = target.template;
    const exists = await this.#exists(target, bucket, key).catch(() => true);
    return exists ? error : missing(target, 'its template', `bucket ${bucket}`, error);
  }

  #exists(target: ResolvedStack, bucket: string, key: string): Promise<boolean> {
    const id = `${target.account} ${bucket}/${key}`;
    const known = this.#present.get(id) ?? this.#head(target, bucket, key);
    this.#present.set(id, known);
    return known;
  }

  async #head(target: ResolvedStack, bucket: string, key: string): Promise<boolean> {
    const [client, { HeadObjectCommand }] = await Promise.all([
      this.#aws.s3(target.session),
      import('@aws-sdk/client-s3'),
    ]);
    try {
      await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ExpectedBucketOwner: target.account }));
      return true;
    } catch (error) {
      if (['NotFound', 'NoSuchKey', 'NoSuchBucket'].includes(nameOf(error))) return false;
      // A bucket that the deploy role may not look into is no proof of absence; CloudFormation will find out.
      if (['Forbidden', 'AccessDenied', '403'].includes(nameOf(error))) return true;
      throw error;
    }
  }
}

function isHere(target: ResolvedStack, region: string): boolean {
  return region === target.region || region === 'unknown-region';
}

function missing(target: ResolvedStack, what: string, where: string, cause?: unknown): Failure {
  return new Failure(
    'AssetMissing',
    `${target.stack.id}: ${what} is not in ${where}: run publish first (nx publish <project>)`,
    { cause },
  );
}
