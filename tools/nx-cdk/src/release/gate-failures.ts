import type { AssemblyStack } from '../assembly/index.ts';
import type { Destination } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import type { PublishedDestination, PublishedObject } from './model.ts';
import { shortRelease } from './verify.ts';

/*
 * The sentences of a release gate. Each begins with the stack, says what is wrong where, and ends with the way out.
 */

/** No record of the release is in the bucket of the stack's template, or none that is believed. */
export function notPublished(stack: AssemblyStack, release: string, bucket: string, reason?: Failure): Failure {
  const sentence = `${stack.id}: release ${shortRelease(release)} is not published to ${bucket}`;
  if (reason !== undefined) return new Failure(reason.code, `${sentence}: ${reason.message}`, { cause: reason });
  return new Failure('NotPublished', `${sentence}: run publish first (nx publish <project>)`);
}

/** There are records, but none of something that the stack needs. */
export function unrecorded(stack: AssemblyStack, need: Destination, release: string, reason?: Failure): Failure {
  const sentence = `${stack.id}: no record of release ${shortRelease(release)} says that ${nameOf(stack, need)} was published to ${need.place}`;
  if (reason !== undefined) return new Failure(reason.code, `${sentence}, and ${reason.message}`, { cause: reason });
  return new Failure('NotPublished', `${sentence}: run publish first (nx publish <project>)`);
}

/** It was published, and is not there any more. */
export function missing(stack: AssemblyStack, need: Destination): Failure {
  const container = need.kind === 'file' ? `bucket ${need.bucket}` : `repository ${need.repository}`;
  return new Failure(
    'AssetMissing',
    `${stack.id}: ${nameOf(stack, need)} is not in ${container}: run publish first (nx publish <project>)`,
  );
}

/** Something else is there than what was published. */
export function replaced(
  stack: AssemblyStack,
  need: Destination,
  recorded: PublishedDestination,
  found: string,
  release: string,
): Failure {
  const [code, what, its, expected] =
    recorded.kind === 'file'
      ? (['AssetReplaced', 'object', 'SHA-256', recorded.sha256] as const)
      : (['ImageReplaced', 'image', 'digest', recorded.digest] as const);
  return new Failure(
    code,
    `${stack.id}: the ${what} ${need.place} is not what was published: its ${its} is ${found}, the record of release ${shortRelease(release)} says ${expected}: ` +
      'somebody has replaced it; publish again (nx publish <project>) after finding out who.',
  );
}

/** The record says something that cannot be true of the release. */
export function contradicts(
  stack: AssemblyStack,
  need: Destination,
  release: string,
  recorded: PublishedObject,
  content: string,
): Failure {
  return new Failure(
    'RecordContradicts',
    `${stack.id}: the record of release ${shortRelease(release)} says that ${need.place} was published with the SHA-256 ${recorded.sha256}, but that of ${nameOf(stack, need)} in the release ` +
      `is ${content}: somebody has changed the record; publish again (nx publish <project>) after finding out who.`,
  );
}

/** The release knows nothing of an asset that the stack needs: the assembly is another one than that of the release. */
export function undescribed(stack: AssemblyStack, need: Destination, release: string): Failure {
  return new Failure(
    'ReleaseMismatch',
    `${stack.id}: ${nameOf(stack, need)} is not in release ${shortRelease(release)}: synthesize again (nx synth <project>).`,
  );
}

/** Records have to be signed, but a stack whose template is not published has none. */
export function unpublishedTemplate(stack: AssemblyStack, key: string): Failure {
  return new Failure(
    'NotPublished',
    `${stack.id}: its template is not published, so no record signed by ${key} vouches for it: give the stack a synthesizer that publishes templates, such as the default one.`,
  );
}

function nameOf(stack: AssemblyStack, { kind, asset }: Destination): string {
  if (kind === 'file' && asset.source.path === stack.templateFile) return 'its template';
  return `${kind === 'image' ? 'image' : 'asset'} ${asset.displayName ?? asset.assetId}`;
}
