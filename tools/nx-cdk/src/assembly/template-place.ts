/** Bucket and key in the URL that a manifest gives for a template; undefined where it is the URL of no object. */
export function templatePlace(url: string): { readonly bucket: string; readonly key: string } | undefined {
  const s3 = /^s3:\/\/([^/]+)\/(.+)$/.exec(url);
  const https = /^https:\/\/s3\.[^/]+\/([^/]+)\/(.+)$/.exec(url);
  const [, bucket, key] = s3 ?? https ?? [];
  return bucket && key ? { bucket, key } : undefined;
}
