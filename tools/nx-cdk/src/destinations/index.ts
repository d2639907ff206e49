export { type BucketObject, Buckets, bucketOf, explainObjectError, explainRefusal } from './bucket.ts';
export {
  type Destination,
  type Destinations,
  destinationsOf,
  type FileDestination,
  type ImageDestination,
  templateOf,
} from './destination.ts';
export { type ImageLook, lookAtImage, noRepository } from './image-look.ts';
export { type FoundObject, lookAtObject, type ObjectLook } from './object-look.ts';
export type { DestinationReport, FileReport, ImageReport } from './report.ts';
