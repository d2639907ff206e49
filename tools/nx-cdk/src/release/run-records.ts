import type { AssemblyStack, Target } from '../assembly/index.ts';
import type { AwsClients, Session } from '../aws/index.ts';
import { type DestinationReport, destinationsOf, templateOf } from '../destinations/index.ts';
import { type PublishedDestination, type PublishRecord, RELEASE_FORMAT } from './model.ts';

/** A record that a run leaves, and where. */
export interface RunRecord {
  readonly bucket: string;
  readonly target: Target;
  /** Who published the templates that lie in the bucket. */
  readonly session: Session;
  /** Ids of all destinations that it covers. */
  readonly ids: readonly string[];
  /**
   * Whether what may be there says something else and may be written over: something that it covers has another version
   * now, and it covers no image.
   */
  readonly isNew: boolean;
  /** Undefined if the run did not bring everything there. */
  readonly record: PublishRecord | undefined;
}

/** Outcomes after which a destination holds what it should. */
const DONE = ['uploaded', 'unchanged', 'replaced'];

/** Those of them after which it holds a new version. */
const SENT = ['uploaded', 'replaced'];

/**
 * The records that a publishing run leaves: one in each bucket that holds templates, which covers all that the stacks
 * of these templates need, wherever it is. Stacks whose templates were no part of the run are left out.
 *
 * @param stacks those that the run was about
 */
export async function recordsOfRun(
  release: string,
  stacks: readonly AssemblyStack[],
  results: readonly DestinationReport[],
  aws: AwsClients,
): Promise<RunRecord[]> {
  const byId = new Map(results.map((result) => [result.id, result]));
  const buckets = new Map<string, Omit<RunRecord, 'ids' | 'isNew' | 'record'> & { readonly ids: Set<string> }>();
  for (const stack of stacks) {
    const needed = await destinationsOf(stack, aws);
    const template = await templateOf(stack, needed, aws);
    if (template === undefined || !byId.has(template.id)) continue;
    const { bucket, target, targetName, session } = template;
    const place = `${targetName}/${bucket}`;
    const known = buckets.get(place) ?? { bucket, target, session, ids: new Set() };
    for (const { id } of [...needed.files, ...needed.images]) known.ids.add(id);
    buckets.set(place, known);
  }
  return [...buckets.values()].map(({ ids, ...where }) => {
    const { account, region } = where.target;
    const covered = [...ids].map((id) => byId.get(id));
    const published = covered.map((result) => publishedAt(result, region));
    const isNew =
      covered.some((result) => result && SENT.includes(result.outcome)) &&
      covered.every((result) => result?.kind === 'file');
    const complete = published.every((each) => each !== undefined);
    const record = { format: RELEASE_FORMAT, release, target: `${account}/${region}` } as const;
    return { ...where, ids: [...ids], isNew, record: complete ? { ...record, destinations: published } : undefined };
  });
}

/**
 * What a place holds after a run; undefined if the run did not see to it.
 *
 * @param home region that need not be mentioned
 */
export function publishedAt(result: DestinationReport | undefined, home: string): PublishedDestination | undefined {
  if (result === undefined || !DONE.includes(result.outcome)) return undefined;
  const { assetId: asset, region } = result;
  if (result.kind === 'image') {
    const { kind, repository, tag, digest } = result;
    const elsewhere = region === home ? undefined : region;
    return digest === undefined ? undefined : { kind, asset, region: elsewhere, repository, tag, digest };
  }
  const { kind, bucket, key, sha256, versionId } = result;
  // The version `null` is that of a bucket that keeps none: the next one that is written has it, too.
  const version = versionId === 'null' ? undefined : versionId;
  return sha256 === undefined ? undefined : { kind, asset, bucket, key, sha256, versionId: version };
}
