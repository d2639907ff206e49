import { type AssemblyStack, type Target, type FileAsset, type ImageAsset, templatePlace } from '../assembly/index.ts';
import { type AwsClients, resolveTarget, resolvePlaceholders, type Session, sessionFor } from '../aws/index.ts';

/** A place that has to hold something before a stack is deployed; no placeholder is left. */
export type NeededDestination = NeededObject | NeededImage;

export interface NeededObject {
  readonly kind: 'file';
  /** As in reports of `publish`. */
  readonly id: string;
  readonly asset: FileAsset;
  readonly target: Target;
  readonly bucket: string;
  readonly key: string;
}

export interface NeededImage {
  readonly kind: 'image';
  readonly id: string;
  readonly asset: ImageAsset;
  readonly target: Target;
  readonly repository: string;
  readonly tag: string;
}

/** What a stack needs, and where its template lies. */
export interface StackNeeds {
  /** Files first, in the order of the assembly; the template is among them. */
  readonly destinations: readonly NeededDestination[];
  /** Absent where the template is not published: its stack sends it with the request. */
  readonly template?: NeededObject;
  /** Who publishes the template. */
  readonly publisher?: Session;
}

/** Resolves what a stack needs, as `publish` does for its destinations. */
export async function needsOf(stack: AssemblyStack, aws: AwsClients): Promise<StackNeeds> {
  const objects = await Promise.all(stack.files.map((file) => objectOf(file, aws)));
  const images = await Promise.all(stack.images.map((image) => imageOf(image, aws)));
  const destinations = [...objects, ...images];
  if (stack.templateUrl === undefined) return { destinations };
  const own = await resolveTarget(aws, stack.target);
  const place = templatePlace(resolvePlaceholders(stack.templateUrl, own));
  const template = objects.find(({ bucket, key }) => bucket === place?.bucket && key === place.key);
  if (template === undefined) return { destinations };
  const there = await resolveTarget(aws, template.target);
  return { destinations, template, publisher: sessionFor(there, template.asset.role) };
}

async function objectOf(asset: FileAsset, aws: AwsClients): Promise<NeededObject> {
  const there = await resolveTarget(aws, asset.target);
  const { account, region } = there;
  const [bucket, key] = [resolvePlaceholders(asset.bucket, there), resolvePlaceholders(asset.key, there)];
  const id = `${account}/${region}/${bucket}/${key}`;
  return { kind: 'file', id, asset, target: { account, region }, bucket, key };
}

async function imageOf(asset: ImageAsset, aws: AwsClients): Promise<NeededImage> {
  const there = await resolveTarget(aws, asset.target);
  const { account, region } = there;
  const [repository, tag] = [resolvePlaceholders(asset.repository, there), resolvePlaceholders(asset.tag, there)];
  const id = `${account}/${region}/${repository}:${tag}`;
  return { kind: 'image', id, asset, target: { account, region }, repository, tag };
}
