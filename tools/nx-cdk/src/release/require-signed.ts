import type { ReleaseSigning } from '@nx-cdk/environments';
import type { AssemblyStack } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import { resolveStack } from '../cloudformation/index.ts';
import { destinationsOf, type FileDestination, templateOf } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { shortRelease } from './model.ts';
import { readRecords } from './read-records.ts';
import { ReleaseSigner } from './signing.ts';

/** A release and what is about to be done by it. */
interface SignedRequest {
  /** Digest of the release. */
  readonly release: string;
  /** Stacks of its assembly; where their templates go, its records are. */
  readonly stacks: readonly AssemblyStack[];
  readonly signing: ReleaseSigning;
}

/**
 * Requires a publish record of a release that the key has signed. It names the release by its digest, so one vouches
 * for all that the assembly says. For commands that publish nothing and have no use for what is published: what it says
 * of objects is compared by the release gate.
 *
 * Reads with the deploy roles of the stacks, one bucket after the other until there is one; verifies as the caller.
 *
 * @throws Failure `NotPublished`, `UnsignedRecord`, or as `readRecords` does
 */
export async function requireSigned({ release, stacks, signing }: SignedRequest, aws: AwsClients): Promise<void> {
  const signer = new ReleaseSigner(aws, signing);
  const buckets = new Map<string, FileDestination>();
  for (const stack of stacks) {
    const { session } = await resolveStack(stack, aws);
    const template = await templateOf(stack, await destinationsOf(stack, aws, session), aws);
    if (template !== undefined) buckets.set(`${template.targetName}/${template.bucket}`, template);
  }
  let disbelieved: Failure | undefined;
  for (const bucket of buckets.values()) {
    const records = await readRecords(release, bucket, { aws, signer, limit: (work) => work() });
    if (records.count > 0) return;
    disbelieved ??= records.disbelieved;
  }
  if (stacks.length === 0) return;
  const where = [...buckets.values()].map(({ bucket }) => bucket).join(', ') || 'a bucket';
  const what = `release ${shortRelease(release)} has no publish record in ${where} that ${signer.key} has signed`;
  const next = 'check out what was published, or publish this release first (nx publish <project>)';
  if (disbelieved === undefined) throw new Failure('NotPublished', { what, next });
  throw new Failure(disbelieved.code, { what: `${what}: ${disbelieved.what}`, next }, { cause: disbelieved });
}
