import { join } from 'node:path';
import type { ArtifactManifest, MetadataEntry } from '@aws-cdk/cloud-assembly-schema';
import { type AssemblyFolder, readDataSync } from './data-file.ts';
import type { ResourceOrigin } from './model.ts';

/**
 * Where each resource of a stack comes from, by logical id, as the construct metadata says. Missing or unreadable
 * metadata is no error: there are no origins then.
 */
export function readResourceOrigins(
  directory: string,
  artifact: ArtifactManifest,
  folder: AssemblyFolder,
): Map<string, ResourceOrigin> {
  const origins = new Map<string, ResourceOrigin>();
  for (const [path, entries] of Object.entries(metadataOf(directory, artifact, folder))) {
    const logicalId = entries.find((entry) => entry.type === 'aws:cdk:logicalId')?.data;
    if (typeof logicalId !== 'string') continue;
    origins.set(logicalId, { constructPath: path.replace(/^\//, ''), source: sourceOf(entries) });
  }
  return origins;
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
  { additionalMetadataFile: file, metadata }: ArtifactManifest,
  folder: AssemblyFolder,
): Record<string, MetadataEntry[]> {
  try {
    if (!file) return metadata ?? {};
    const content = readDataSync(folder.inside(join(directory, file), 'The assembly names'));
    return { ...metadata, ...(JSON.parse(content.toString()) as object) };
  } catch {
    return metadata ?? {};
  }
}

/**
 * `new Api (file:///shop/api.ts:14:3)`, `/shop/api.js:14:3`, and `file:///shop/main.ts:14 (:)`, which is how CDK writes
 * a frame outside of any function.
 */
const PLACE = /(?:^|\()((?:file:\/\/)?[^()]+\.\w+):(\d+)(?::\d+)?(?:\)|\s|$)/;

/** The innermost frame in the user's own code: the line that made the resource, or the construct it is part of. */
function sourceOf(entries: readonly MetadataEntry[]): string | undefined {
  const stack = entries.find((entry) => entry.type === 'aws:cdk:creationStack')?.data;
  const trace = Array.isArray(stack) ? stack : entries.find((entry) => entry.trace !== undefined)?.trace;
  for (const frame of trace ?? []) {
    if (typeof frame !== 'string') continue;
    const [, file, line] = PLACE.exec(frame.trim().replace(/^at /, '')) ?? [];
    if (file === undefined || /^(node:|<temporary>)|node_modules\//.test(file)) continue;
    return `${file.replace(/^file:\/\//, '')}:${line}`;
  }
  return undefined;
}
