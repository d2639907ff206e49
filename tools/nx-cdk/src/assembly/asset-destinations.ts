import { dirname, resolve } from 'node:path';
import type { AwsDestination, FileSource as ManifestFileSource } from '@aws-cdk/cloud-assembly-schema';
import { Failure } from '../failure/index.ts';
import { imageSource } from './image-source.ts';
import { loadAssetManifest } from './load-manifest.ts';
import type { AssemblyStack, BootstrapRequirement, FileAsset, FileSource, ImageAsset, RoleReference } from './model.ts';

interface Manifest {
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

  /** Adds what one stack needs and returns it; a destination that is known already gets one more stack. */
  add(owner: Owner, manifests: readonly Manifest[]): { files: FileAsset[]; images: ImageAsset[] } {
    const files: FileAsset[] = [];
    const images: ImageAsset[] = [];
    for (const manifest of manifests) {
      const content = loadAssetManifest(manifest.file);
      for (const [assetId, asset] of Object.entries(content.files ?? {})) {
        const source = fileSource(assetId, asset.source, manifest.file);
        for (const [destinationId, destination] of Object.entries(asset.destinations)) {
          const common = describe(owner, manifest, assetId, destinationId, destination, asset.displayName);
          files.push(
            share(this.#files, owner, [source.fingerprint, destination.bucketName, destination.objectKey], {
              ...common,
              source,
              bucket: destination.bucketName,
              key: destination.objectKey,
            }),
          );
        }
      }
      for (const [assetId, asset] of Object.entries(content.dockerImages ?? {})) {
        const source = imageSource(assetId, asset.source, manifest.file);
        for (const [destinationId, destination] of Object.entries(asset.destinations)) {
          const common = describe(owner, manifest, assetId, destinationId, destination, asset.displayName);
          images.push(
            share(this.#images, owner, [source.fingerprint, destination.repositoryName, destination.imageTag], {
              ...common,
              source,
              manifestFile: manifest.file,
              repository: destination.repositoryName,
              tag: destination.imageTag,
            }),
          );
        }
      }
    }
    return { files, images };
  }
}

function share<Asset extends FileAsset | ImageAsset>(
  known: Map<string, Asset>,
  owner: Owner,
  identity: readonly string[],
  asset: Asset,
): Asset {
  const key = JSON.stringify([...identity, asset.target, asset.role]);
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
  displayName: string | undefined,
) {
  return {
    stacks: [owner.id],
    assetId,
    destinationId,
    target: { account: owner.target.account, region: destination.region ?? owner.target.region },
    ...(displayName === undefined ? {} : { displayName }),
    ...(destination.assumeRoleArn === undefined
      ? {}
      : { role: publishingRole(destination, destination.assumeRoleArn) }),
    ...(manifest.bootstrap === undefined ? {} : { bootstrap: manifest.bootstrap }),
  };
}

function publishingRole(destination: AwsDestination, arn: string): RoleReference {
  return {
    arn,
    ...(destination.assumeRoleExternalId === undefined ? {} : { externalId: destination.assumeRoleExternalId }),
    ...(destination.assumeRoleAdditionalOptions === undefined
      ? {}
      : { options: destination.assumeRoleAdditionalOptions }),
  };
}

function fileSource(assetId: string, source: ManifestFileSource, manifestFile: string): FileSource {
  if (source.executable !== undefined) {
    return {
      fingerprint: JSON.stringify(['executable', ...source.executable]),
      packaging: 'file',
      executable: source.executable,
    };
  }
  if (source.path === undefined) {
    throw new Failure(
      'BrokenAssembly',
      `${manifestFile} gives asset ${assetId} neither a path nor an executable: synthesize again.`,
    );
  }
  const path = resolve(dirname(manifestFile), source.path);
  const packaging = source.packaging === 'zip' ? 'zip' : 'file';
  return { fingerprint: JSON.stringify([packaging, path]), path, packaging };
}
