import type { ImageDestination } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';

function placeOf({ target, repository, tag }: ImageDestination): string {
  return `${target.account}/${target.region} (${repository}:${tag})`;
}

export function differing(places: readonly (readonly [ImageDestination, string])[]): Failure {
  const { label } = places[0]![0];
  const named = places.map(([destination, digest]) => `${placeOf(destination)} holds ${digest}`).join('; ');
  return new Failure(
    'ImagesDiffer',
    `The image ${label} is not the same everywhere: ${named}; find out which one is right, delete the tag where it is not, then publish again.`,
  );
}

export function overtaken(destination: ImageDestination, there: string, expected: string): Failure {
  return new Failure(
    'ImagesDiffer',
    `The image ${destination.label} is not what was sent: ${placeOf(destination)} holds ${there} instead of ${expected}; ` +
      `find out who else publishes there, delete the tag if it is wrong, then publish again.`,
  );
}

export function irreproducible(source: ImageDestination, digest: string, built: string, cause: unknown): Failure {
  return new Failure(
    'ImageNotReproducible',
    `The image ${source.label} is in ${placeOf(source)} as ${digest}, where the role may not read it, and building it again gives ${built}: ` +
      `let the role ecr:BatchGetImage and ecr:GetDownloadUrlForLayer there (nx bootstrap), so that it can be copied, then publish again.`,
    { cause },
  );
}

export function conflict({ label, repository, tag }: ImageDestination): Failure {
  return new Failure(
    'AssetConflict',
    `Two images of different sources, ${label} one of them, go to ${repository}:${tag}: give them different tags and synthesize again.`,
  );
}
