import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type {
  AssetManifest,
  AwsDestination,
  DockerImageSource,
  FileSource as ManifestFileSource,
} from '@aws-cdk/cloud-assembly-schema';
import { AssemblyFolder } from './data-file.ts';
import { isNewer, type ManifestFile, requireKnownFields, tooNew } from './known-schema.ts';
import { brokenAssembly, loadManifest, requireShape, type Shape } from './load-manifest.ts';
import type {
  AssemblyStack,
  FileAsset,
  FileSource,
  ImageAsset,
  ImageBuild,
  ImageSource,
  RoleReference,
} from './model.ts';

type Owner = Pick<AssemblyStack, 'id' | 'target'>;

/**
 * Merges the asset manifests of all stacks. Stacks of one account and region mostly share assets: a destination that
 * several stacks need is one entry that names them all.
 */
export class AssetDestinations {
  readonly files = new Map<string, FileAsset>();
  readonly images = new Map<string, ImageAsset>();
  readonly #folder: AssemblyFolder;

  constructor(folder: AssemblyFolder) {
    this.#folder = folder;
  }

  /**
   * Adds what one stack needs and returns it.
   *
   * @throws Failure `BrokenAssembly` if a manifest cannot be read, or names no source; `OutsideAssembly`
   */
  add(owner: Owner, manifestFiles: readonly string[]): { files: FileAsset[]; images: ImageAsset[] } {
    const files: FileAsset[] = [];
    const images: ImageAsset[] = [];
    for (const manifestFile of manifestFiles) {
      const manifest = loadManifest<AssetManifest>(manifestFile, { files: 'object', dockerImages: 'object' });
      const { version } = manifest;
      const read = { file: manifestFile, version };
      for (const { given, destination, common } of entriesOf(owner, read, manifest.files)) {
        const { bucketName: bucket, objectKey: key } = destination;
        requireNames(manifestFile, common.assetId, [bucket, BUCKET], [key, KEY]);
        const source = fileSource(common.assetId, given, read, this.#folder);
        files.push(share(this.files, [bucket, key], { ...common, source, bucket, key }));
      }
      for (const { given, destination, common } of entriesOf(owner, read, manifest.dockerImages)) {
        const { repositoryName: repository, imageTag: tag } = destination;
        requireNames(manifestFile, common.assetId, [repository, REPOSITORY], [tag, TAG]);
        const source = imageSource(common.assetId, given, manifestFile, this.#folder);
        images.push(share(this.images, [repository, tag], { ...common, source, repository, tag }));
      }
    }
    return { files, images };
  }
}

/** The entry of the same destination, with one more stack; the asset itself if there is none. */
function share<Asset extends FileAsset | ImageAsset>(
  known: Map<string, Asset>,
  place: readonly string[],
  asset: Asset,
): Asset {
  const key = JSON.stringify([asset.source.fingerprint, ...place, asset.target, asset.role]);
  const existing = known.get(key);
  // The list is ours until the assembly is handed out; readers see it as read-only.
  if (existing) (existing.stacks as string[]).push(...asset.stacks);
  else known.set(key, asset);
  return existing ?? asset;
}

/** The assets of a manifest, by id, as the schema has them. */
type Assets<Source, Destination> = Record<
  string,
  { displayName?: string; source: Source; destinations: Record<string, Destination> }
>;

const DESTINATION: Shape = {
  region: 'text',
  assumeRoleArn: 'text',
  assumeRoleExternalId: 'text',
  assumeRoleAdditionalOptions: 'object',
};

const SOURCE: Shape = {
  path: 'text',
  packaging: 'text',
  executable: 'texts',
  directory: 'text',
  dockerFile: 'text',
  dockerBuildTarget: 'text',
  dockerBuildArgs: 'object',
  dockerBuildContexts: 'object',
  dockerBuildSecrets: 'object',
  dockerBuildSsh: 'text',
  networkMode: 'text',
  platform: 'text',
  dockerOutputs: 'texts',
  cacheTo: 'object',
  cacheDisabled: 'flag',
};

/** Names of buckets (old ones may have capitals) and so on, with CDK's placeholders. An ARN is no name of a bucket. */
const BUCKET = /^([A-Za-z0-9._-]|\$\{AWS::(AccountId|Region|Partition)\})+$/;
const REPOSITORY = /^([a-z0-9._/-]|\$\{AWS::(AccountId|Region|Partition)\})+$/;
const KEY = /^.+$/s;
const TAG = /^([\w.-]|\$\{AWS::(AccountId|Region|Partition)\})+$/;
const REGION = /^[a-z0-9-]+$/;

function requireNames(file: string, asset: string, ...names: readonly (readonly [unknown, RegExp])[]): void {
  const wrong = names.find(([name, pattern]) => typeof name !== 'string' || !pattern.test(name));
  if (wrong)
    throw brokenAssembly(`${file} sends asset ${asset} to ${JSON.stringify(wrong[0])}, which is no such place`);
}

/** Each destination of each asset, with the fields that all kinds of assets have. */
function* entriesOf<Source, Destination extends AwsDestination>(
  { id, target: { account, region } }: Owner,
  manifest: ManifestFile,
  assets: Assets<Source, Destination> = {},
) {
  const manifestFile = manifest.file;
  for (const [assetId, asset] of Object.entries(assets)) {
    const what = `asset ${assetId}`;
    requireShape(manifestFile, what, asset, { displayName: 'text', source: 'object', destinations: 'object' });
    const { displayName, source: given, destinations = {} } = asset;
    requireShape(manifestFile, `the source of ${what}`, given, SOURCE);
    requireKnownFields(manifest, 'asset', what, asset);
    requireKnownFields(manifest, 'source', `the source of ${what}`, given as object);
    for (const destination of Object.values(destinations)) {
      requireShape(manifestFile, `a destination of ${what}`, destination, DESTINATION);
      requireKnownFields(manifest, 'destination', `a destination of ${what}`, destination);
      if (destination.region) requireNames(manifestFile, assetId, [destination.region, REGION]);
      const target = { account, region: destination.region ?? region };
      const common = { stacks: [id], assetId, displayName, manifestFile, target, role: roleIn(destination) };
      yield { given, destination, common };
    }
  }
}

/**
 * The role that a manifest names for a stack or a destination. Like the CDK's own tools, an empty name is none: the
 * caller's own credentials are used.
 */
export function roleIn(named: {
  readonly assumeRoleArn?: string;
  readonly assumeRoleExternalId?: string;
  readonly assumeRoleAdditionalOptions?: Readonly<Record<string, unknown>>;
}): RoleReference | undefined {
  const { assumeRoleArn: arn, assumeRoleExternalId: externalId, assumeRoleAdditionalOptions: options } = named;
  return arn ? { arn, externalId: externalId || undefined, options } : undefined;
}

function fileSource(
  assetId: string,
  source: ManifestFileSource,
  manifest: ManifestFile,
  folder: AssemblyFolder,
): FileSource {
  const manifestFile = manifest.file;
  const { executable } = source;
  if (executable !== undefined)
    return { fingerprint: JSON.stringify(['executable', ...executable]), packaging: 'file', executable };
  if (source.path === undefined)
    throw brokenAssembly(`${manifestFile} gives asset ${assetId} neither a path nor an executable`);
  const path = folder.inside(resolve(dirname(manifestFile), source.path), `${manifestFile} names as asset ${assetId}`);
  // Programs in other languages write null for what is not set.
  const packaging = source.packaging ?? 'file';
  if (packaging !== 'file' && packaging !== 'zip') {
    if (isNewer(manifest)) throw tooNew(manifest, `the packaging "${String(packaging)}" of asset ${assetId}`);
    throw brokenAssembly(`${manifestFile} packs asset ${assetId} as "${String(packaging)}", which is no packaging`);
  }
  return { fingerprint: JSON.stringify([packaging, path]), path, packaging };
}

function imageSource(
  assetId: string,
  source: DockerImageSource,
  manifestFile: string,
  assembly: AssemblyFolder,
): ImageSource {
  const folder = dirname(manifestFile);
  const { executable, directory } = source;
  if (executable !== undefined)
    return { fingerprint: hash('sha256', JSON.stringify([folder, executable])), executable };
  if (directory === undefined)
    throw brokenAssembly(`${manifestFile} gives image ${assetId} neither a directory nor an executable`);
  const context = assembly.inside(resolve(folder, directory), `${manifestFile} names as image ${assetId}`);
  requireOwnFiles(context, source.dockerFile, `${manifestFile} names for image ${assetId} the Dockerfile`);
  const build: ImageBuild = { ...source, directory: context };
  return { fingerprint: hash('sha256', JSON.stringify(build)), build };
}

/**
 * Refuses an image that is built by a file outside of its folder, which is all that a release knows of an image. A
 * builder also takes a URL for the name of a Dockerfile, and `-` for its standard input.
 *
 * @param dockerFile as the manifest names it; by default the builder looks for one
 * @throws Failure `OutsideAssembly`, `BrokenAssembly`
 */
function requireOwnFiles(context: string, dockerFile: string | undefined, names: string): void {
  const folder = new AssemblyFolder(context, 'folder of the image');
  const named = dockerFile ? [dockerFile] : ['Dockerfile', 'Containerfile'];
  const ignored = ['.dockerignore', '.containerignore', ...named.map((name) => `${name}.dockerignore`)];
  for (const name of [...named, ...ignored]) folder.inside(resolve(context, name), names);
  // A folder that is missing as a whole is not needed: an assembly that was stored has none, and others are compared.
  if (!dockerFile || !existsSync(context) || existsSync(resolve(context, dockerFile))) return;
  throw brokenAssembly(`${names} "${dockerFile}", which is not in ${context}`);
}
