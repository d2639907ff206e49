import { hash } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { AssemblyManifest } from '@aws-cdk/cloud-assembly-schema';
import { type Assembly, sha256Of, TOOLKIT_LOCK } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { RELEASE_FILE } from './model.ts';

/** What the stock tools leave behind besides their locks, next to a manifest. */
const CDK_CACHE = '.cache';

/** What CDK writes about the source, next to a manifest. No step acts by it, and it moves with every comment. */
const ABOUT_SOURCE = /^(tree|(policy-)?validation-report)\.json$/;

/**
 * `release.json`, what a killed process leaves of writing it, and locks on an assembly outside of a workspace
 * (`workspaceLock`): no step reads what is in them.
 */
const OWN = new RegExp(`^(${RELEASE_FILE}(\\.\\d+\\.new)?|\\.(release|cdkasset)-[0-9a-z]+\\.lock)$`);

/** A `manifest.json` and the files that it names. */
interface Level {
  readonly manifest: string;
  readonly assetManifests: readonly string[];
  /** Construct metadata in files of their own. */
  readonly metadata: readonly string[];
}

/**
 * The digests of all files of an assembly that are no template of a stack and in no asset, by absolute path: manifests
 * (without construct metadata), asset manifests, and whatever else is there. Left out is what describes the source,
 * what the stock tools leave behind, and `release.json` itself.
 *
 * Stages are found by the manifests, whatever their folders are called.
 *
 * @throws Failure `BrokenAssembly` for what is neither file, folder nor link; what reading throws
 */
export async function describeFiles(assembly: Assembly): Promise<Map<string, string>> {
  const levels = new Map<string, Level>();
  await findLevels(assembly.directory, levels);
  const found = new Map<string, string>();
  const elsewhere = new Set<string | undefined>([
    ...assembly.stacks.map(({ templateFile }) => templateFile),
    ...assembly.files.map(({ source }) => source.path),
    ...assembly.images.map(({ source }) => source.build?.directory),
  ]);
  const visit = async (folder: string): Promise<void> => {
    const level = levels.get(folder);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const file = join(folder, entry.name);
      const isOwn = folder === assembly.directory && OWN.test(entry.name);
      if (elsewhere.has(file) || isOwn || (level !== undefined && isHarmless(file, level))) continue;
      if (entry.isDirectory()) await visit(file);
      else if (file !== level?.manifest) found.set(file, await digestOf(file, entry));
    }
  };
  await visit(assembly.directory);
  // Wherever they are: what a manifest names is acted by.
  for (const { manifest, assetManifests } of levels.values()) {
    found.set(manifest, hash('sha256', withoutMetadata(manifest, await readFile(manifest))));
    for (const file of assetManifests) found.set(file, await sha256Of(createReadStream(file)));
  }
  return found;
}

async function findLevels(folder: string, levels: Map<string, Level>): Promise<void> {
  if (levels.has(folder)) return;
  const manifest = join(folder, 'manifest.json');
  const { artifacts } = JSON.parse(await readFile(manifest, 'utf8')) as AssemblyManifest;
  const all = Object.entries(artifacts ?? {});
  const named = (names: readonly (string | undefined)[]) =>
    names.filter((name) => name !== undefined).map((name) => resolve(folder, name));
  const propertyOf = ({ properties }: { readonly properties?: object }, name: string) =>
    (properties as Record<string, string | undefined> | undefined)?.[name];
  const ofType = (type: string) => all.filter(([, artifact]) => artifact.type === type);
  levels.set(folder, {
    manifest,
    assetManifests: named(ofType('cdk:asset-manifest').map(([, artifact]) => propertyOf(artifact, 'file'))),
    metadata: named(all.map(([, { additionalMetadataFile }]) => additionalMetadataFile)),
  });
  const stages = named(
    ofType('cdk:cloud-assembly').map(([id, artifact]) => propertyOf(artifact, 'directoryName') ?? id),
  );
  for (const stage of stages) await findLevels(stage, levels);
}

function isHarmless(file: string, { metadata }: Level): boolean {
  const name = basename(file);
  return ABOUT_SOURCE.test(name) || TOOLKIT_LOCK.test(name) || name === CDK_CACHE || metadata.includes(file);
}

async function digestOf(file: string, entry: Pick<Dirent, 'isFile' | 'isSymbolicLink'>): Promise<string> {
  if (entry.isFile()) return sha256Of(createReadStream(file));
  // What it leads to is described where it is, if it is part of the assembly.
  if (entry.isSymbolicLink()) return hash('sha256', `link ${await readlink(file)}`);
  const what = `${file} is neither a file nor a folder nor a link`;
  throw new Failure('BrokenAssembly', { what, next: 'synthesize again (nx synth <project>)' });
}

/**
 * A manifest as a release knows it. Construct metadata describe the source and not the deployment: their lines move
 * with every comment. Done twice, it is the same.
 *
 * @throws Failure `BrokenAssembly` if it is nested deeper than can be written again
 */
export function withoutMetadata(file: string, text: Buffer): string {
  const manifest = JSON.parse(text.toString()) as { artifacts?: Record<string, object> };
  for (const [id, artifact] of Object.entries(manifest.artifacts ?? {})) {
    manifest.artifacts![id] = { ...artifact, metadata: undefined };
  }
  try {
    return JSON.stringify(manifest);
  } catch (cause) {
    const what = `${file} cannot be understood: ${(cause as Error).message}`;
    throw new Failure('BrokenAssembly', { what, next: 'synthesize again (nx synth <project>)' }, { cause });
  }
}
