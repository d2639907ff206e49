import { DEFAULT_SIGNING_ALGORITHM, type ReleaseSigning } from '@nx-cdk/environments';
import { isCI } from '@nx-cdk/processes';
import type { Assembly } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import {
  type ReadContents,
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
  /** The assets that are read and compared; an engine that reads them compares them itself. @default 'all' */
  readonly contents?: ReadContents;
  /**
   * Whether the key has to have signed a publish record of it, if releases are signed. A deployment asks for more, by
   * its gate. @default false
   */
  readonly signed?: boolean;
  /** Whether the assembly may come out of a bucket, if a release is named: without what is in assets. @default false */
  readonly stored?: boolean;
  /** Whether what the environments files say of releases holds for it. @default false */
  readonly ruled?: boolean;
}

/** What a release has to be. */
interface ReleaseDemand {
  readonly project: string;
  /** Digest of the only release that will do, or a list of those of several projects. */
  readonly approved?: string;
  readonly signing?: ReleaseSigning;
  /** Whether an assembly of another tool will do in a CI too. @default false */
  readonly allowUnreleased?: boolean;
  /** The environment of the process, which says whether this is a CI. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The release that an assembly is, after every byte of it was compared with its manifest.
 *
 * @returns undefined, after a warning, for the assembly of another tool
 * @throws Failure `NoRelease` if there is none and one is needed, as in every CI; `BadRelease`, `OtherRelease` if it is
 * not the approved one; `ReleaseMismatch`, `BrokenRelease`, `BrokenAssembly` if something is not what was synthesized
 */
export async function openRelease(
  assembly: Assembly,
  listener: Listener,
  { requiredBy, contents }: ReleaseNeed,
  { approved, signing, project, allowUnreleased = false, env }: ReleaseDemand,
): Promise<ReleaseManifest | undefined> {
  const manifest = await readReleaseManifest(assembly.directory);
  if (manifest !== undefined) {
    await verifyAssembly(assembly, manifest, { contents });
    if (approved !== undefined) requireRelease(manifest, approved, project);
    return manifest;
  }
  const needs = approved === undefined ? (requiredBy ?? (signing && `The signing key ${signing.key}`)) : '--release';
  if (needs !== undefined || (isCI(env) && !allowUnreleased)) {
    const what = `${needs ?? 'A CI'} needs a release, and ${assembly.directory} holds no ${RELEASE_FILE}`;
    const orAllow = needs === undefined ? ', or give --allowUnreleased if another tool has made it' : '';
    throw new Failure('NoRelease', { what, next: `synthesize with nx synth <project>${orAllow}` });
  }
  const text = `${assembly.directory} holds no ${RELEASE_FILE}, as an assembly of nx synth does: nothing proves that this is what was synthesized.`;
  listener({ type: 'message', level: 'warning', text });
  return undefined;
}

/** What an environments file says of signing. */
export interface SigningOfFile {
  /** The file, for messages. */
  readonly file: string;
  readonly signing: ReleaseSigning | undefined;
}

/**
 * What releases are signed with; undefined if they are not. It is one setting of the workspace: an app that names
 * another environments file cannot do without it, or have another key.
 *
 * @param workspace the file of the workspace, if it has one
 * @param app the file that the app names, if it names one
 * @param key ARN of a key, in place of the file's
 * @throws Failure `SigningKey` for a key that is no ARN of one, or if the two files name different keys
 */
export function releaseSigning(
  workspace: SigningOfFile | undefined,
  app: SigningOfFile | undefined,
  key?: string,
): ReleaseSigning | undefined {
  const ofFile = workspace?.signing ?? app?.signing;
  if (app?.signing !== undefined && app.signing.key !== ofFile?.key) {
    throw new Failure('SigningKey', {
      what: `${app.file} names the signing key ${app.signing.key}, and ${workspace!.file} names ${ofFile!.key}`,
      next: 'name one key for the whole workspace',
    });
  }
  if (key === undefined) return ofFile;
  if (!/^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/.test(key)) {
    throw new Failure('SigningKey', {
      what: `--signingKey is "${key}", which is not the ARN of a KMS key`,
      next: 'it looks like arn:aws:kms:<region>:<account>:key/<id>',
    });
  }
  return { key, algorithm: ofFile?.algorithm ?? DEFAULT_SIGNING_ALGORITHM };
}
