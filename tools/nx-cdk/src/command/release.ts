import { DEFAULT_SIGNING_ALGORITHM, type ReleaseSigning } from '@libs/environments';
import type { Assembly } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import {
  type ReleaseManifest,
  RELEASE_FILE,
  readReleaseManifest,
  requireRelease,
  verifyAssembly,
} from '../release/index.ts';

/** How a release is opened. */
export interface ReleaseNeed {
  /** What needs a release, as the subject of a sentence. @default - an assembly of another tool will do */
  readonly requiredBy?: string;
  /** Whether file assets are read and compared; an engine that reads them compares them itself. @default true */
  readonly files?: boolean;
}

/**
 * The release that an assembly is, after every byte of it was compared with its manifest.
 *
 * @param approved digest of the only release that will do, or a list of those of several projects
 * @returns undefined, after a warning, for the assembly of another tool
 * @throws Failure `NoRelease` if there is none and one is needed; `BadRelease`, `OtherRelease` if it is not the
 * approved one; `ReleaseMismatch`, `BrokenRelease`, `BrokenAssembly` if something is not what was synthesized
 */
export async function openRelease(
  assembly: Assembly,
  listener: Listener,
  { requiredBy, files }: ReleaseNeed,
  { approved, signing, project }: { readonly approved?: string; readonly signing?: ReleaseSigning; project: string },
): Promise<ReleaseManifest | undefined> {
  const manifest = await readReleaseManifest(assembly.directory);
  if (manifest !== undefined) {
    await verifyAssembly(assembly, manifest, { files });
    if (approved !== undefined) requireRelease(manifest, approved, project);
    return manifest;
  }
  const needs = approved === undefined ? (requiredBy ?? (signing && `The signing key ${signing.key}`)) : '--release';
  if (needs !== undefined) {
    throw new Failure('NoRelease', {
      what: `${needs} needs a release, and ${assembly.directory} holds no ${RELEASE_FILE}`,
      next: 'synthesize with nx synth <project>',
    });
  }
  const text = `${assembly.directory} holds no ${RELEASE_FILE}, as an assembly of nx synth does: nothing proves that this is what was synthesized.`;
  listener({ type: 'message', level: 'warning', text });
  return undefined;
}

/**
 * What releases are signed with; undefined if they are not.
 *
 * @param ofFile what the environments file says
 * @param key ARN of a key, in place of the file's
 * @throws Failure `SigningKey` for a key that is no ARN of one
 */
export function releaseSigning(ofFile: ReleaseSigning | undefined, key?: string): ReleaseSigning | undefined {
  if (key === undefined) return ofFile;
  if (!/^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/.test(key)) {
    throw new Failure('SigningKey', {
      what: `--signingKey is "${key}", which is not the ARN of a KMS key`,
      next: 'it looks like arn:aws:kms:<region>:<account>:key/<id>',
    });
  }
  return { key, algorithm: ofFile?.algorithm ?? DEFAULT_SIGNING_ALGORITHM };
}
