import type { ImageDestination } from '../destinations/index.ts';
import { Failure, type FailureParts } from '../failure/index.ts';

/** An image could not be built; `lines` are the last of the build's output, without secrets. */
export class BuildFailure extends Failure {
  readonly lines: readonly string[];

  constructor(parts: FailureParts, lines: readonly string[]) {
    super('ImageBuildFailed', parts);
    this.lines = lines;
  }
}

export function interrupted(): Failure {
  return new Failure('Interrupted', { what: 'interrupted', next: 'publish again to go on' });
}

/** Destinations have different images of the same asset. */
export function differing(places: readonly (readonly [ImageDestination, string])[]): Failure {
  const named = places.map(([destination, digest]) => `${holderOf(destination)} holds ${digest}`).join('; ');
  return new Failure('ImagesDiffer', {
    what: `The image ${places[0]![0].label} is not the same everywhere: ${named}`,
    next: 'find out which one is right, delete the tag where another image is, then publish again',
  });
}

/** A destination has another image than the one that was just sent. */
export function overtaken(destination: ImageDestination, there: string, expected: string): Failure {
  const holder = holderOf(destination);
  return new Failure('ImagesDiffer', {
    what: `The image ${destination.label} is not what was sent: ${holder} holds ${there} instead of ${expected}`,
    next: 'find out who else publishes there, delete the tag if it is wrong, then publish again',
  });
}

/** The image that is there cannot be copied, and building it again makes another one. */
export function irreproducible(source: ImageDestination, digest: string, built: string, cause: unknown): Failure {
  const what =
    `The image ${source.label} is in ${holderOf(source)} as ${digest}, where the role may not read it, ` +
    `and building it again gives ${built}`;
  const next =
    'let the role ecr:BatchGetImage and ecr:GetDownloadUrlForLayer there (nx bootstrap), so that it can be copied, ' +
    'then publish again';
  return new Failure('ImageNotReproducible', { what, next }, { cause });
}

/** Two assets claim one tag. */
export function conflict({ label, repository, tag }: ImageDestination): Failure {
  const what = `Two images of different sources, ${label} one of them, go to ${repository}:${tag}`;
  return new Failure('AssetConflict', { what, next: 'give them different tags and synthesize again' });
}

function holderOf({ targetName, repository, tag }: ImageDestination): string {
  return `${targetName} (${repository}:${tag})`;
}
