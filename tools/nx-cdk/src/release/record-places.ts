import type { AssemblyStack } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import {
  type BucketObject,
  type Destination,
  destinationsOf,
  type FileDestination,
  templateOf,
} from '../destinations/index.ts';
import { imagePlace, recordKey } from './record.ts';

/** Where a run leaves a record, and of what. */
export interface RecordPlace extends BucketObject {
  /** `111111111111/eu-west-1`, of the bucket. */
  readonly targetName: string;
  /** Ids of the destinations that it covers. */
  readonly ids: readonly string[];
  /** The same destinations, as `placeOf` calls them. */
  readonly places: readonly string[];
}

/** A staging bucket, and who works there. */
export type StagingPlace = Omit<BucketObject, 'key'>;

/** A target that gets the assembly of a release even if none of its stacks goes there. */
export interface FurtherTarget {
  /** `111111111111/eu-west-1` */
  readonly targetName: string;
  /** Its staging buckets: one of them is enough. */
  readonly places: readonly StagingPlace[];
}

/** Where the record of a release lies that has nothing in a bucket but its assembly. */
export function emptyPlace(release: string, place: StagingPlace, targetName: string): RecordPlace {
  const { bucket, target, session } = place;
  return { bucket, target, session, targetName, key: recordKey(release, []), ids: [], places: [] };
}

/**
 * One record for each bucket that holds templates: it covers all that their stacks need, wherever it is. Stacks whose
 * templates are no part of the run are left out.
 *
 * @param isPart whether a destination is part of the run, by its id
 */
export async function recordPlaces(
  release: string,
  stacks: readonly AssemblyStack[],
  isPart: (id: string) => boolean,
  aws: AwsClients,
): Promise<RecordPlace[]> {
  const found: { readonly template: FileDestination; readonly needed: readonly Destination[] }[] = [];
  for (const stack of stacks) {
    const needed = await destinationsOf(stack, aws);
    const template = await templateOf(stack, needed, aws);
    if (template === undefined || !isPart(template.id)) continue;
    found.push({ template, needed: [...needed.files, ...needed.images] });
  }
  const buckets = Map.groupBy(found, ({ template }) => `${template.targetName}/${template.bucket}`);
  return [...buckets.values()].map((group) => {
    const { bucket, target, targetName, session } = group[0]!.template;
    const needed = new Map(group.flatMap((each) => each.needed.map((one) => [one.id, one] as const)));
    const ids = [...needed.keys()];
    const places = [...needed.values()].map(placeOfDestination);
    return { bucket, target, targetName, session, key: recordKey(release, ids), ids, places };
  });
}

function placeOfDestination(one: Destination): string {
  return one.kind === 'file' ? one.place : imagePlace(one.target.region, one.repository, one.tag);
}
