export { type BucketObject, Buckets, bucketOf, explainObjectError, explainRefusal, type S3Clients } from './bucket.ts';
export {
  type Destination,
  type Destinations,
  destinationsOf,
  type FileDestination,
  type ImageDestination,
  templateOf,
} from './destination.ts';
export { type FoundObject, lookAtImage, lookAtObject, noRepository } from './look.ts';
export type { DestinationReport, FileReport, ImageReport } from './report.ts';
