import type { IncomingHttpHeaders } from 'node:http';

/** Subresources that make an action of their own, as their actions are called after Get, Put or Delete. */
const SUBRESOURCES: Record<string, string> = {
  accelerate: 'BucketAccelerateConfiguration',
  acl: 'Acl',
  cors: 'BucketCors',
  encryption: 'BucketEncryption',
  lifecycle: 'BucketLifecycleConfiguration',
  location: 'BucketLocation',
  logging: 'BucketLogging',
  notification: 'BucketNotificationConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  publicAccessBlock: 'PublicAccessBlock',
  tagging: 'Tagging',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
};

/**
 * The name of an S3 operation
 * (docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html). Buckets are in the path:
 * no client makes `<bucket>.127.0.0.1` of an endpoint that is an address.
 */
export function s3Action(
  method: string,
  pathname: string,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
): string {
  const [bucket, ...key] = pathname.slice(1).split('/');
  const verb = `${method.charAt(0)}${method.slice(1).toLowerCase()}`;
  if (!bucket) return 'ListBuckets';

  const subresource = Object.keys(SUBRESOURCES).find((name) => query.has(name));
  if (subresource) return `${verb}${SUBRESOURCES[subresource]}`;
  return key.join('/') === '' ? bucketAction(method, query, verb) : objectAction(method, query, headers, verb);
}

function bucketAction(method: string, query: URLSearchParams, verb: string): string {
  if (method === 'GET') {
    if (query.has('versions')) return 'ListObjectVersions';
    if (query.has('uploads')) return 'ListMultipartUploads';
    return query.has('list-type') ? 'ListObjectsV2' : 'ListObjects';
  }
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  return method === 'PUT' ? 'CreateBucket' : `${verb}Bucket`;
}

function objectAction(method: string, query: URLSearchParams, headers: IncomingHttpHeaders, verb: string): string {
  if (query.has('uploads')) return 'CreateMultipartUpload';
  if (query.has('uploadId')) {
    if (method === 'PUT') return 'UploadPart';
    if (method === 'POST') return 'CompleteMultipartUpload';
    return method === 'DELETE' ? 'AbortMultipartUpload' : 'ListParts';
  }
  if (query.has('attributes')) return 'GetObjectAttributes';
  return method === 'PUT' && 'x-amz-copy-source' in headers ? 'CopyObject' : `${verb}Object`;
}

/** What a request to a registry amounts to, by its method and what follows the repository in its path. */
const REGISTRY_ACTIONS: readonly (readonly [methods: RegExp, path: RegExp, action: string])[] = [
  [/^POST$/, /\/blobs\/uploads\/?$/, 'InitiateLayerUpload'],
  [/^(GET|PATCH)$/, /\/blobs\/uploads\/./, 'UploadLayerPart'],
  [/^(PUT|DELETE)$/, /\/blobs\/uploads\/./, 'CompleteLayerUpload'],
  [/^HEAD$/, /\/blobs\/./, 'BatchCheckLayerAvailability'],
  [/^GET$/, /\/blobs\/./, 'GetDownloadUrlForLayer'],
  [/^(HEAD|GET)$/, /\/manifests\/./, 'BatchGetImage'],
  [/^PUT$/, /\/manifests\/./, 'PutImage'],
  [/^DELETE$/, /\/manifests\/./, 'BatchDeleteImage'],
  [/^GET$/, /\/tags\/list$/, 'ListImages'],
];

/**
 * The ECR action that authorizes a request to a registry
 * (docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html); undefined if there is none.
 */
export function registryAction(method: string, pathname: string): string | undefined {
  return REGISTRY_ACTIONS.find(([methods, path]) => methods.test(method) && path.test(pathname))?.[2];
}
