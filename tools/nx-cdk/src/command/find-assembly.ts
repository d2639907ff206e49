import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environments } from '@nx-cdk/environments';
import { explain } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import { approvedRelease, readReleaseManifest } from '../release/index.ts';
import { requireNotRevoked } from './release-rules.ts';
import { type StoredRelease, storedRelease, type StoreQuestion } from './stored-release.ts';

/** An assembly that may have come out of a bucket. */
interface FoundAssembly extends StoredRelease {
  /** Whether it did, without what is in assets. @default false */
  readonly isStored?: true;
}

/**
 * Where the assembly is: in its folder, or, if a release is named that is not there, where it was fetched to.
 *
 * @param folder where it is looked for first; absolute
 * @param ruled files whose rules hold
 * @param wanted.isWanted whether it may come out of a bucket
 * @param wanted.approved as `--release` has it
 * @throws Failure `OtherRelease` if another release is here and the named one is nowhere, or as `approvedRelease`,
 * `requireNotRevoked` and `storedRelease` do
 */
export async function findAssembly(
  folder: string,
  ruled: readonly Environments[],
  question: StoreQuestion,
  { isWanted, approved }: { readonly isWanted: boolean; readonly approved: string | undefined },
): Promise<FoundAssembly> {
  if (!isWanted || approved === undefined) return { directory: folder };
  const wanted = approvedRelease(approved, question.project);
  // Before anything is asked.
  requireNotRevoked(wanted, ruled);
  const there = await readReleaseManifest(folder).catch(() => undefined);
  if (there?.digest === wanted) return { directory: folder };
  try {
    return { ...(await storedRelease(wanted, question)), isStored: true };
  } catch (error) {
    const { code, what, message: text } = explain(error);
    if (code === 'BrokenBundle' || !existsSync(join(folder, 'manifest.json'))) throw error;
    if (there === undefined) {
      // What is wrong with the assembly that is here is told when it is opened.
      question.listener({ type: 'message', level: 'warning', text });
      return { directory: folder };
    }
    const both = `The assembly is release ${there.digest} and not ${wanted}, which cannot be taken from a bucket`;
    const next = 'check the digest, check out and synthesize what was approved, or have this one approved';
    throw new Failure('OtherRelease', { what: `${both}: ${what}`, next }, { cause: error });
  }
}
