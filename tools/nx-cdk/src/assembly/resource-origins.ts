import { join } from 'node:path';
import type { ArtifactManifest, MetadataEntry } from '@aws-cdk/cloud-assembly-schema';
import { Failure } from '../failure/index.ts';
import { type AssemblyFolder, readDataSync } from './data-file.ts';
import { brokenAssembly } from './load-manifest.ts';
import type { Annotation, ResourceOrigin } from './model.ts';

/**
 * Where each resource of a stack comes from, by logical id, as the construct metadata says. Without them, as in the
 * assembly of a stored release, the template says it, and no lines of the source. Neither is an error if it is missing
 * or cannot be read: there are no origins then.
 *
 * @param templateFile of the stack, which was found to be inside of the assembly
 */
export function readResourceOrigins(
  directory: string,
  artifact: ArtifactManifest,
  folder: AssemblyFolder,
  templateFile: string,
): Map<string, ResourceOrigin> {
  const origins = new Map<string, ResourceOrigin>();
  for (const [path, entries] of Object.entries(metadataOf(directory, artifact, folder))) {
    const logicalId = entries.find((entry) => entry.type === 'aws:cdk:logicalId')?.data;
    if (typeof logicalId !== 'string') continue;
    origins.set(logicalId, { constructPath: path.replace(/^\//, ''), source: sourceOf(entries) });
  }
  return origins.size > 0 ? origins : originsInTemplate(templateFile);
}

/** CDK writes the path of each construct into the template too (`aws:cdk:enable-path-metadata`). */
function originsInTemplate(file: string): Map<string, ResourceOrigin> {
  const origins = new Map<string, ResourceOrigin>();
  try {
    const { Resources: resources = {} } = JSON.parse(readDataSync(file).toString()) as Template;
    for (const [logicalId, resource] of Object.entries(resources)) {
      const constructPath = resource?.Metadata?.['aws:cdk:path'];
      if (typeof constructPath === 'string') origins.set(logicalId, { constructPath });
    }
  } catch {
    // Whoever deploys it says what is wrong with it.
  }
  return origins;
}

interface Template {
  readonly Resources?: Readonly<Record<string, { Metadata?: { 'aws:cdk:path'?: unknown } } | null>>;
}

const LEVELS: Readonly<Record<string, Annotation['level']>> = {
  'aws:cdk:error': 'error',
  'aws:cdk:warning': 'warning',
  'aws:cdk:info': 'info',
};

/**
 * What constructs of a stack say of themselves: `Annotations.of(construct).addWarningV2(...)`.
 *
 * @throws Failure `BrokenAssembly` if the metadata cannot be read: an error in it must not get lost; `OutsideAssembly`
 */
export function readAnnotations(directory: string, artifact: ArtifactManifest, folder: AssemblyFolder): Annotation[] {
  try {
    return Object.entries(readMetadata(directory, artifact, folder)).flatMap(([path, entries]) =>
      entries.flatMap((entry) => annotationOf(path, entry, entries)),
    );
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw brokenAssembly(`${directory}: construct metadata cannot be read: ${(cause as Error).message}`, cause);
  }
}

function annotationOf(path: string, entry: MetadataEntry, entries: readonly MetadataEntry[]): Annotation[] {
  const level = Object.hasOwn(LEVELS, entry.type) ? LEVELS[entry.type] : undefined;
  if (level === undefined) return [];
  const source = placeIn(entry.trace ?? []) ?? sourceOf(entries);
  return [{ level, constructPath: path.replace(/^\//, ''), text: String(entry.data), ...(source && { source }) }];
}

/**
 * Whether a stack has assets of `LegacyStackSynthesizer`: they stand in its metadata, without a destination, which the
 * CDK CLI chooses while it deploys.
 */
export function hasLegacyAssets(directory: string, artifact: ArtifactManifest, folder: AssemblyFolder): boolean {
  const entries = Object.values(metadataOf(directory, artifact, folder)).flat();
  return entries.some(({ type }) => type === 'aws:cdk:asset');
}

function metadataOf(
  directory: string,
  artifact: ArtifactManifest,
  folder: AssemblyFolder,
): Record<string, MetadataEntry[]> {
  try {
    return readMetadata(directory, artifact, folder);
  } catch {
    return artifact.metadata ?? {};
  }
}

function readMetadata(
  directory: string,
  { additionalMetadataFile: file, metadata }: ArtifactManifest,
  folder: AssemblyFolder,
): Record<string, MetadataEntry[]> {
  if (!file) return metadata ?? {};
  const content = readDataSync(folder.inside(join(directory, file), 'The assembly names'));
  return { ...metadata, ...(JSON.parse(content.toString()) as object) };
}

/**
 * `new Api (file:///shop/api.ts:14:3)`, `/shop/api.js:14:3`, and `file:///shop/main.ts:14 (:)`, which is how CDK writes
 * a frame outside of any function.
 */
const PLACE = /(?:^|\()((?:file:\/\/)?[^()]+\.\w+):(\d+)(?::\d+)?(?:\)|\s|$)/;

/** The line that made the resource, or the construct it is part of. */
function sourceOf(entries: readonly MetadataEntry[]): string | undefined {
  const stack = entries.find((entry) => entry.type === 'aws:cdk:creationStack')?.data;
  return placeIn(Array.isArray(stack) ? stack : (entries.find((entry) => entry.trace !== undefined)?.trace ?? []));
}

/** File and line of the innermost frame in the user's own code: `stack.ts:14`; undefined if no frame is. */
export function placeIn(frames: readonly unknown[]): string | undefined {
  for (const frame of frames) {
    if (typeof frame !== 'string') continue;
    const [, file, line] = PLACE.exec(frame.trim().replace(/^at /, '')) ?? [];
    if (file === undefined || /^(node:|<temporary>)|node_modules\//.test(file)) continue;
    return `${file.replace(/^file:\/\//, '')}:${line}`;
  }
  return undefined;
}
