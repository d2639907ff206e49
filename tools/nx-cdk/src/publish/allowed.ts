import type { FileAsset, ImageAsset, ImageBuild } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';

/**
 * What an assembly may have `publish` do only if the workspace allows it: run a command, or give a build something of
 * this machine, of the network, or of a registry.
 */
export const ALLOWABLE = [
  'executables',
  'build-contexts',
  'build-secrets',
  'build-ssh',
  'build-outputs',
  'build-network',
  'build-cache',
] as const;

export type Allowable = (typeof ALLOWABLE)[number];

/**
 * The words of an option `allow`.
 *
 * @param given a list, or words with commas between them
 * @throws Failure `BadOption` for a word that is none
 */
export function allowableOf(given: readonly string[] | string = []): Allowable[] {
  const words = [given].flat().flatMap((text) => text.split(','));
  return words.map((word) => {
    const known = ALLOWABLE.find((one) => one === word);
    if (known !== undefined) return known;
    throw new Failure('BadOption', { what: `--allow is "${word}"`, next: `it may be ${ALLOWABLE.join(', ')}` });
  });
}

/** The fields of an image that reach outside, as its asset manifest has them. */
const REACHING: Readonly<Partial<Record<keyof ImageBuild, Exclude<Allowable, 'executables'>>>> = {
  dockerBuildContexts: 'build-contexts',
  dockerBuildSecrets: 'build-secrets',
  dockerBuildSsh: 'build-ssh',
  dockerOutputs: 'build-outputs',
  networkMode: 'build-network',
  cacheFrom: 'build-cache',
  cacheTo: 'build-cache',
};

/** Values of these fields that reach nothing: the tool's own storage, and the networks of a build without options. */
const HARMLESS: Readonly<Partial<Record<keyof ImageBuild, readonly string[]>>> = {
  dockerOutputs: ['["type=docker"]', '[]'],
  dockerBuildContexts: ['{}'],
  dockerBuildSecrets: ['{}'],
  dockerBuildSsh: ['""'],
  networkMode: ['"default"', '"none"', '""'],
  cacheFrom: ['[]'],
};

/**
 * Refuses assets that ask for more than their own files, before any of them is touched.
 *
 * @param allowed what the workspace allows
 * @throws Failure `NotAllowed` naming the asset, its manifest, the field, and the word that allows it
 */
export function requireAllowed(
  assets: { readonly files: readonly FileAsset[]; readonly images: readonly ImageAsset[] },
  allowed: readonly Allowable[],
): void {
  for (const asset of [...assets.files, ...assets.images]) {
    const { displayName, assetId, manifestFile, source } = asset;
    const wanted = wishesOf(source).find(([, word]) => !allowed.includes(word));
    if (wanted === undefined) continue;
    const [field, word] = wanted;
    throw new Failure('NotAllowed', {
      subject: displayName ?? assetId,
      what: `${manifestFile} asks for "${field}", which an assembly does not decide`,
      next: `if you want it, add "${word}" to the option "allow" of the plugin in nx.json`,
    });
  }
}

function wishesOf(source: FileAsset['source'] | ImageAsset['source']): (readonly [string, Allowable])[] {
  if (source.executable !== undefined) return [['executable', 'executables']];
  const build: Partial<ImageBuild> = ('build' in source && source.build) || {};
  return Object.entries(REACHING).flatMap(([name, word]) => {
    const field = name as keyof ImageBuild;
    const value = build[field];
    const isHarmless = value === undefined || value === null || HARMLESS[field]?.includes(JSON.stringify(value));
    return isHarmless ? [] : [[field, word] as const];
  });
}
