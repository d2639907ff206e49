import { hash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type {
  AwsDestination,
  DockerImageSource,
  FileSource as ManifestFileSource,
} from '@aws-cdk/cloud-assembly-schema';
import { brokenAssembly, loadAssetManifest } from './load-manifest.ts';
import type {
  AssemblyStack,
  BootstrapRequirement,
  FileAsset,
  FileSource,
  ImageAsset,
  ImageBuild,
  ImageSource,
} from './model.ts';

/** An asset manifest of a stack. */
export interface Manifest {
  readonly file: string;
  readonly bootstrap?: BootstrapRequirement;
}

type Owner = Pick<AssemblyStack, 'id' | 'target'>;

/**
 * Merges the asset manifests of all stacks. Stacks of one account and region mostly share assets; a destination that
 * several stacks need becomes one entry that names them all.
 */
export class AssetDestinations {
  readonly #files = new Map<string, FileAsset>();
  readonly #images = new Map<string, ImageAsset>();

  get files(): readonly FileAsset[] {
    return [...this.#files.values()];
  }

  get images(): readonly ImageAsset[] {
    return [...this.#images.values()];
  }

  /**
   * Adds what one stack needs and returns it; a destination that is known already gets one more stack.
   *
   * @throws Failure `BrokenAssembly` if a manifest cannot be read, or names no source
   */
  add(owner: Owner, manifests: readonly Manifest[]): { files: FileAsset[]; images: ImageAsset[] } {
    const files: FileAsset[] = [];
    const images: ImageAsset[] = [];
    for (const manifest of manifests) {
      const content = loadAssetManifest(manifest.file);
      for (const [assetId, { source: given, displayName, destinations }] of Object.entries(content.files ?? {})) {
        const source = fileSource(assetId, given, manifest.file);
        for (const [destinationId, destination] of Object.entries(destinations)) {
          const common = describe(owner, manifest, assetId, destinationId, destination);
          const { bucketName: bucket, objectKey: key } = destination;
          files.push(share(this.#files, owner, [bucket, key], { ...common, displayName, source, bucket, key }));
        }
      }
      for (const [assetId, { source: given, displayName, destinations }] of Object.entries(
        content.dockerImages ?? {},
      )) {
        const source = imageSource(assetId, given, manifest.file);
        for (const [destinationId, destination] of Object.entries(destinations)) {
          const common = { ...describe(owner, manifest, assetId, destinationId, destination), displayName, source };
          const { repositoryName: repository, imageTag: tag } = destination;
          const image = { ...common, manifestFile: manifest.file, repository, tag };
          images.push(share(this.#images, owner, [repository, tag], image));
        }
      }
    }
    return { files, images };
  }
}

function share<Asset extends FileAsset | ImageAsset>(
  known: Map<string, Asset>,
  owner: Owner,
  place: readonly string[],
  asset: Asset,
): Asset {
  const key = JSON.stringify([asset.source.fingerprint, ...place, asset.target, asset.role]);
  const existing = known.get(key);
  if (existing === undefined) {
    known.set(key, asset);
    return asset;
  }
  // The list is ours until the assembly is handed out; readers see it as read-only.
  (existing.stacks as string[]).push(owner.id);
  return existing;
}

function describe(
  owner: Owner,
  manifest: Manifest,
  assetId: string,
  destinationId: string,
  destination: AwsDestination,
) {
  const { assumeRoleArn: arn, assumeRoleExternalId: externalId, assumeRoleAdditionalOptions: options } = destination;
  return {
    stacks: [owner.id],
    assetId,
    destinationId,
    target: { account: owner.target.account, region: destination.region ?? owner.target.region },
    role: arn === undefined ? undefined : { arn, externalId, options },
    bootstrap: manifest.bootstrap,
  };
}

function fileSource(assetId: string, source: ManifestFileSource, manifestFile: string): FileSource {
  const { executable } = source;
  if (executable !== undefined)
    return { fingerprint: JSON.stringify(['executable', ...executable]), packaging: 'file', executable };
  if (source.path === undefined)
    throw brokenAssembly(`${manifestFile} gives asset ${assetId} neither a path nor an executable`);
  const path = resolve(dirname(manifestFile), source.path);
  const packaging = source.packaging === 'zip' ? 'zip' : 'file';
  return { fingerprint: JSON.stringify([packaging, path]), path, packaging };
}

/** What an asset manifest says of an image's source, with absolute paths. */
function imageSource(assetId: string, source: DockerImageSource, manifestFile: string): ImageSource {
  const folder = dirname(manifestFile);
  const { executable, directory } = source;
  if (executable !== undefined)
    return { fingerprint: hash('sha256', JSON.stringify([folder, executable])), executable };
  if (directory === undefined)
    throw brokenAssembly(`${manifestFile} gives image ${assetId} neither a directory nor an executable`);
  const build: ImageBuild = {
    directory: resolve(folder, directory),
    file: source.dockerFile,
    target: source.dockerBuildTarget,
    buildArgs: source.dockerBuildArgs,
    buildContexts: source.dockerBuildContexts,
    secrets: source.dockerBuildSecrets,
    ssh: source.dockerBuildSsh,
    network: source.networkMode,
    platform: source.platform,
    outputs: source.dockerOutputs,
    cacheFrom: source.cacheFrom,
    cacheTo: source.cacheTo,
    noCache: source.cacheDisabled,
  };
  return { fingerprint: hash('sha256', JSON.stringify(build)), build };
}
