import type { Assembly } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { type ReleaseManifest, RELEASE_FILE, readReleaseManifest, verifyAssembly } from '../release/index.ts';

/** How a release is opened. */
export interface OpenReleaseOptions {
  /** What is no use without a release, as the subject of a sentence. @default - an assembly of another tool will do */
  readonly requiredBy?: string;
  /** Whether file assets are read and compared; who reads them anyway compares them then. @default true */
  readonly files?: boolean;
}

/**
 * The release that an assembly is, after every byte of it was compared with its manifest.
 *
 * @returns undefined, after a warning, for the assembly of another tool
 * @throws Failure `NoRelease` where there is none and one is needed; `ReleaseMismatch`, `BrokenRelease`,
 * `BrokenAssembly` where something is not what was synthesized
 */
export async function openRelease(
  assembly: Assembly,
  listener: Listener,
  { requiredBy, files }: OpenReleaseOptions = {},
): Promise<ReleaseManifest | undefined> {
  const manifest = await readReleaseManifest(assembly.directory);
  if (manifest !== undefined) {
    await verifyAssembly(assembly, manifest, files === undefined ? {} : { files });
    return manifest;
  }
  if (requiredBy !== undefined) {
    throw new Failure(
      'NoRelease',
      `${requiredBy} needs a release, and ${assembly.directory} holds no ${RELEASE_FILE}: synthesize with nx synth <project>.`,
    );
  }
  const text = `${assembly.directory} holds no ${RELEASE_FILE}, as an assembly of nx synth does: nothing proves that this is what was synthesized.`;
  listener({ type: 'message', level: 'warning', text });
  return undefined;
}
