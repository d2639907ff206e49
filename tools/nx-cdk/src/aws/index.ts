export { type BucketObject, Buckets, bucketOf, explainRefusal, notBootstrapped } from './bucket.ts';
export { CA_FILE_VARIABLE } from './http.ts';
export type { Aws, Speaker } from './contract.ts';
export { type FailedCall, callOf, explain, isAccessDenied } from './explain.ts';
export { type AwsOptions, type ConnectedAws, createAws } from './create-aws.ts';
export { resolvePlaceholders, speakerFor, resolveEnvironment } from './placeholders.ts';
