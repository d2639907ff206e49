import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { DockerImageSource } from '@aws-cdk/cloud-assembly-schema';
import { Failure } from '../failure/index.ts';
import type { ImageBuild, ImageSource } from './model.ts';

/**
 * What an asset manifest says of an image's source, with absolute paths.
 *
 * @throws Failure `BrokenAssembly` where it names neither a folder nor a command
 */
export function imageSource(assetId: string, source: DockerImageSource, manifestFile: string): ImageSource {
  const folder = dirname(manifestFile);
  if (source.executable !== undefined) {
    return { fingerprint: fingerprintOf([folder, source.executable]), executable: source.executable };
  }
  if (source.directory === undefined) {
    throw new Failure(
      'BrokenAssembly',
      `${manifestFile} gives image ${assetId} neither a directory nor an executable: synthesize again.`,
    );
  }
  const build: ImageBuild = {
    directory: resolve(folder, source.directory),
    ...given('file', source.dockerFile),
    ...given('target', source.dockerBuildTarget),
    ...given('buildArgs', source.dockerBuildArgs),
    ...given('buildContexts', source.dockerBuildContexts),
    ...given('secrets', source.dockerBuildSecrets),
    ...given('ssh', source.dockerBuildSsh),
    ...given('network', source.networkMode),
    ...given('platform', source.platform),
    ...given('outputs', source.dockerOutputs),
    ...given('cacheFrom', source.cacheFrom),
    ...given('cacheTo', source.cacheTo),
    ...given('noCache', source.cacheDisabled),
  };
  return { fingerprint: fingerprintOf(build), build };
}

function given<Name extends keyof ImageBuild>(name: Name, value: ImageBuild[Name]): Partial<ImageBuild> {
  return value === undefined ? {} : { [name]: value };
}

function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
