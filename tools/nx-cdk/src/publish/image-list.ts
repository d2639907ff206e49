import type { Target, ImageAsset } from '../assembly/index.ts';
import { type AwsClients, resolveTarget, resolvePlaceholders, type Session, sessionFor } from '../aws/index.ts';

/** One tag in one repository, and who may put it there. */
export interface ImageDestination {
  /** Unique in the run. */
  readonly id: string;
  readonly label: string;
  readonly assetId: string;
  readonly displayName?: string;
  readonly target: Target;
  readonly repository: string;
  readonly tag: string;
  readonly session: Session;
  /** Every stack that needs the image, by id. */
  readonly stacks: readonly string[];
}

/** One image to build, and every place it goes to. */
export interface ImageWork {
  readonly image: ImageAsset;
  readonly destinations: readonly ImageDestination[];
  /** Places of this image that another image claims as well: at most one of them could be there afterwards. */
  readonly claimedTwice: ReadonlySet<string>;
}

/** Each image once, whatever manifests it stands in, and each of its destinations once, however many stacks need it. */
export async function imageList(images: readonly ImageAsset[], aws: AwsClients): Promise<ImageWork[]> {
  const work = new Map<string, { image: ImageAsset; destinations: ImageDestination[]; claimedTwice: Set<string> }>();
  const known = new Map<string, { destination: ImageDestination & { stacks: string[] }; fingerprint: string }>();
  for (const image of images) {
    const destination = await destinationOf(image, aws);
    const { fingerprint } = image.source;
    const existing = known.get(destination.id);
    if (existing !== undefined) {
      for (const stack of image.stacks)
        if (!existing.destination.stacks.includes(stack)) existing.destination.stacks.push(stack);
      if (existing.fingerprint !== fingerprint) work.get(existing.fingerprint)!.claimedTwice.add(destination.id);
      continue;
    }
    known.set(destination.id, { destination, fingerprint });
    const each = work.get(fingerprint) ?? { image, destinations: [], claimedTwice: new Set() };
    each.destinations.push(destination);
    work.set(fingerprint, each);
  }
  return [...work.values()];
}

async function destinationOf(image: ImageAsset, aws: AwsClients): Promise<ImageDestination & { stacks: string[] }> {
  const resolved = await resolveTarget(aws, image.target);
  const { account, region } = resolved;
  const repository = resolvePlaceholders(image.repository, resolved);
  const tag = resolvePlaceholders(image.tag, resolved);
  return {
    id: `${account}/${region}/${repository}:${tag}`,
    label: image.displayName ?? image.assetId,
    assetId: image.assetId,
    ...(image.displayName === undefined ? {} : { displayName: image.displayName }),
    target: { account, region },
    repository,
    tag,
    session: sessionFor(resolved, image.role),
    stacks: [...image.stacks],
  };
}
