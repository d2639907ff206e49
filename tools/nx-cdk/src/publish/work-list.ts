import { basename } from 'node:path';
import type { Target, FileAsset, FileSource } from '../assembly/index.ts';
import { type AwsClients, type Session, resolveTarget, resolvePlaceholders, sessionFor } from '../aws/index.ts';

type ResolvedTarget = Awaited<ReturnType<typeof resolveTarget>>;

/** One object in one bucket, and who may put it there. */
export interface Destination {
  /** Unique in the work list. */
  readonly id: string;
  readonly label: string;
  readonly assetId: string;
  readonly displayName?: string;
  readonly target: Target;
  readonly bucket: string;
  readonly key: string;
  readonly session: Session;
  /** Every stack that needs the object, by id. */
  readonly stacks: readonly string[];
}

/** One thing to read, zip and hash, and every place it goes to. */
export interface Work {
  readonly source: FileSource;
  readonly destinations: readonly Destination[];
}

/** Two sources for one object: at most one of them could be there afterwards. */
export interface Conflict {
  readonly destination: Destination;
  readonly sources: readonly FileSource[];
}

export interface WorkList {
  readonly work: readonly Work[];
  /** Objects that more than one source claims. They are in `work` with the first source. */
  readonly conflicts: readonly Conflict[];
}

/**
 * Every unique piece of work once: assets with the same source are read once, whatever manifest they stand in, and an
 * object that many stacks need is looked at and uploaded once.
 */
export async function workList(files: readonly FileAsset[], aws: AwsClients): Promise<WorkList> {
  const sources = new Map<string, { source: FileSource; destinations: Destination[] }>();
  const objects = new Map<
    string,
    { destination: Destination & { stacks: string[] }; sources: Map<string, FileSource> }
  >();
  for (const file of files) {
    const destination = destinationOf(file, await resolveTarget(aws, file.target));
    const known = objects.get(destination.id);
    if (known) {
      known.sources.set(file.source.fingerprint, file.source);
      for (const stack of file.stacks)
        if (!known.destination.stacks.includes(stack)) known.destination.stacks.push(stack);
      continue;
    }
    objects.set(destination.id, { destination, sources: new Map([[file.source.fingerprint, file.source]]) });
    const work = sources.get(file.source.fingerprint) ?? { source: file.source, destinations: [] };
    work.destinations.push(destination);
    sources.set(file.source.fingerprint, work);
  }
  return {
    work: [...sources.values()],
    conflicts: [...objects.values()]
      .filter((object) => object.sources.size > 1)
      .map((object) => ({ destination: object.destination, sources: [...object.sources.values()] })),
  };
}

function destinationOf(file: FileAsset, resolved: ResolvedTarget): Destination & { stacks: string[] } {
  const { account, region } = resolved;
  const bucket = resolvePlaceholders(file.bucket, resolved);
  const key = resolvePlaceholders(file.key, resolved);
  return {
    id: `${account}/${region}/${bucket}/${key}`,
    label: labelOf(file),
    assetId: file.assetId,
    displayName: file.displayName,
    target: { account, region },
    bucket,
    key,
    session: sessionFor(resolved, file.role),
    stacks: [...file.stacks],
  };
}

function labelOf(file: FileAsset): string {
  return file.displayName ?? (file.source.path ? basename(file.source.path) : file.assetId);
}
