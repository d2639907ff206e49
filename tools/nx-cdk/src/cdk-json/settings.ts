import { join } from 'node:path';
import { Failure } from '../failure/index.ts';
import type { CdkJson } from './cdk-json.ts';

/** Settings of the CDK CLI in a `cdk.json` that mean nothing here, and why, or what to do. */
const IGNORED: Readonly<Record<string, string>> = {
  assetParallelism: 'assets are always published at the same time (nx publish --uploadConcurrency)',
  assetPrebuild: 'assets are built by nx publish, before any deployment',
  bundlingStacks: 'an assembly holds the assets of all stacks',
  caBundlePath: 'set NODE_EXTRA_CA_CERTS or AWS_CA_BUNDLE',
  concurrency: 'give --concurrency to nx deploy',
  debug: 'give --verbose',
  express: 'give --express to nx deploy, or set deploymentMode in environments.json',
  force: 'give --force to nx deploy',
  hotswap: 'every change goes through CloudFormation',
  hotswapFallback: 'every change goes through CloudFormation',
  ignoreErrors: 'errors of constructs fail a synthesis',
  lookups: 'give --no-lookups to nx synth',
  method: 'every change goes through a change set',
  notificationArns: 'give notificationArns to the stacks in the app',
  parameters: 'give --parameters to nx deploy',
  proxy: 'set HTTPS_PROXY',
  roleArn: 'a deployment uses the roles that the stack names, and no others',
  rollback: 'give --no-rollback to nx deploy',
  staging: 'an assembly holds its assets',
  strict: 'give --strict to nx synth',
  toolkitBucket: 'the bucket is that of the bootstrap template',
  watch: 'there is no mode that watches files',
};

/** The settings of a `cdk.json` that mean nothing here, each with the reason: `"watch" (there is ...)`. */
export function ignoredSettings(config: CdkJson): string[] {
  return Object.keys(config)
    .filter((key) => Object.hasOwn(IGNORED, key))
    .map((key) => `"${key}" (${IGNORED[key]})`);
}

/**
 * The tags that a `cdk.json` states for every stack: they take the place of those that the app gives a stack, as with
 * the CDK CLI (`tags` of `deploy` in aws-cdk's `cdk-toolkit.ts`).
 *
 * @returns undefined if it states none
 * @throws Failure `CdkJson` if one is not a `Key` with a `Value`
 */
export function tagsOf({ tags }: CdkJson, projectRoot: string): Readonly<Record<string, string>> | undefined {
  if (tags === undefined) return undefined;
  const isTag = (tag: Partial<(typeof tags)[number]> | null) =>
    typeof tag?.Key === 'string' && typeof tag.Value === 'string';
  if (!Array.isArray(tags) || !tags.every(isTag)) {
    const what = `"tags" of ${join(projectRoot, 'cdk.json')} is not a list of tags`;
    throw new Failure('CdkJson', { what, next: 'write [{ "Key": "team", "Value": "orders" }]' });
  }
  return tags.length === 0 ? undefined : Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
