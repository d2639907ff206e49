import type { AssemblyStack } from '../assembly/index.ts';
import type { Destination } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { type PublishedDestination, type PublishedObject, shortRelease } from './model.ts';

/*
 * The failures of a release gate. Each is about a stack, says what is wrong where, and ends with the way out.
 */

const PUBLISH = 'run publish first (nx publish <project>)';
const PUBLISH_AGAIN = 'publish again (nx publish <project>) after finding out who';

/** No record of the release is in the bucket of the stack's template, or none that is believed. */
export function notPublished(stack: AssemblyStack, release: string, bucket: string, reason?: Failure): Failure {
  return because(stack, `release ${shortRelease(release)} is not published to ${bucket}`, ': ', reason);
}

/** There are records, but none of something that the stack needs. */
export function unrecorded(stack: AssemblyStack, need: Destination, release: string, reason?: Failure): Failure {
  const name = nameOf(stack, need);
  const what = `no record of release ${shortRelease(release)} says that ${name} was published to ${need.place}`;
  return because(stack, what, ', and ', reason);
}

function because({ id: subject }: AssemblyStack, what: string, joint: string, reason?: Failure): Failure {
  if (reason === undefined) return new Failure('NotPublished', { subject, what, next: PUBLISH });
  const { code, next } = reason;
  return new Failure(code, { subject, what: `${what}${joint}${reason.what}`, next }, { cause: reason });
}

/** It was published, and is not there any more. */
export function missing(stack: AssemblyStack, need: Destination): Failure {
  const where = need.kind === 'file' ? `bucket ${need.bucket}` : `repository ${need.repository}`;
  const what = `${nameOf(stack, need)} is not`;
  return new Failure('AssetMissing', { subject: stack.id, what, where, next: PUBLISH });
}

/** Something else is there than what was published. */
export function replaced(
  { id: subject }: AssemblyStack,
  need: Destination,
  recorded: PublishedDestination,
  found: string,
  release: string,
): Failure {
  const [code, kind, its, expected] =
    recorded.kind === 'file'
      ? (['AssetReplaced', 'object', 'SHA-256', recorded.sha256] as const)
      : (['ImageReplaced', 'image', 'digest', recorded.digest] as const);
  const what =
    `the ${kind} ${need.place} is not what was published: its ${its} is ${found}, ` +
    `the record of release ${shortRelease(release)} says ${expected}`;
  return new Failure(code, { subject, what, next: `somebody has replaced it; ${PUBLISH_AGAIN}` });
}

/** The record says something that cannot be true of the release. */
export function contradicts(
  stack: AssemblyStack,
  need: Destination,
  release: string,
  recorded: PublishedObject,
  content: string,
): Failure {
  const what =
    `the record of release ${shortRelease(release)} says that ${need.place} was published with the SHA-256 ` +
    `${recorded.sha256}, but that of ${nameOf(stack, need)} in the release is ${content}`;
  const next = `somebody has changed the record; ${PUBLISH_AGAIN}`;
  return new Failure('RecordContradicts', { subject: stack.id, what, next });
}

/** The release knows nothing of an asset that the stack needs: the assembly is another one than that of the release. */
export function undescribed(stack: AssemblyStack, need: Destination, release: string): Failure {
  const what = `${nameOf(stack, need)} is not in release ${shortRelease(release)}`;
  return new Failure('ReleaseMismatch', { subject: stack.id, what, next: 'synthesize again (nx synth <project>)' });
}

/** Records have to be signed, but a stack whose template is not published has none. */
export function unpublishedTemplate({ id: subject }: AssemblyStack, key: string): Failure {
  const what = `its template is not published, so no record signed by ${key} vouches for it`;
  const next = 'give the stack a synthesizer that publishes templates, such as the default one';
  return new Failure('NotPublished', { subject, what, next });
}

function nameOf(stack: AssemblyStack, { kind, asset, label }: Destination): string {
  if (kind === 'file' && asset.source.path === stack.templateFile) return 'its template';
  return `${kind === 'image' ? 'image' : 'asset'} ${label}`;
}
