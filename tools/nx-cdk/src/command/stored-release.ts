import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootstrapRoleArn, DEFAULT_QUALIFIER, type Environments, stagingBucketName } from '@nx-cdk/environments';
import { readAssembly } from '../assembly/index.ts';
import { type AwsClients, explain } from '../aws/index.ts';
import { readCdkJsonIfAny } from '../cdk-json/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import {
  bundleKey,
  bundleWrittenAt,
  fetchBundle,
  objectPlace,
  readReleaseManifest,
  shortRelease,
  type StagingPlace,
  verifyAssembly,
  writeAssembly,
} from '../release/index.ts';
import { placesOfTargets, stagingPlace } from './staging-places.ts';

/** Where assemblies go that were fetched, relative to the workspace. */
const FETCHED = join('dist', 'releases');

/** What it depends on where the assembly of a release is looked for. */
export interface StoreQuestion {
  readonly project: string;
  readonly workspaceRoot: string;
  readonly projectRoot: string;
  /** Which targets there are. @default - the account and region of the caller */
  readonly environments?: Environments;
  /** Only those of this environment. @default - all, in promotion order */
  readonly environment?: string;
  /** Only those that fit one of these patterns. @default - all */
  readonly targets?: readonly string[] | string;
  readonly aws: () => Promise<AwsClients>;
  readonly listener: Listener;
}

/** A release whose assembly came out of a bucket: without what is in assets. */
export interface StoredRelease {
  /** Folder of the assembly. */
  readonly directory: string;
  /** When it was written into the bucket. @default - it was fetched before, and nobody has asked */
  readonly writtenAt?: number;
}

/**
 * The assembly of a release, by its digest: as it was fetched before, else out of the first staging bucket that has it.
 * Each byte of it is compared with the digest, so that it does not matter who wrote it there, or into the folder.
 *
 * Takes one request for each bucket up to the one that has it.
 *
 * @param release its digest
 * @throws Failure `NotPublished` naming the buckets, `BrokenBundle`, `AssumeRoleDenied`, `RoleNotAdmitted`, ...
 */
export async function storedRelease(release: string, question: StoreQuestion): Promise<StoredRelease> {
  const { project, workspaceRoot, listener } = question;
  const directory = join(workspaceRoot, FETCHED, project.replaceAll(/[/\\]/g, '-').replace(/^@/, ''), release);
  if (await holdsRelease(directory, release)) return { directory };
  const aws = await question.aws();
  const found = await firstOf(await stagingPlaces(question), (place) => fetchBundle(aws, place, release));
  if (found === undefined) throw await notStored(release, question);
  const { place, content } = found;
  await hideFromNx(join(workspaceRoot, FETCHED));
  await writeAssembly(directory, content, () => holdsRelease(directory, release));
  const from = objectPlace(place.bucket, bundleKey(release));
  const text = `Release ${shortRelease(release)} of ${project} is taken from ${from}, and each byte is what its digest says.`;
  listener({ type: 'message', level: 'info', text });
  return { directory, writtenAt: content.writtenAt };
}

/**
 * When the assembly of a release was written, into the first staging bucket that has it; one request for each bucket up
 * to that one.
 *
 * @returns milliseconds since the epoch, on the clock of S3
 * @throws Failure as `storedRelease` does
 */
export async function storedAt(release: string, question: StoreQuestion): Promise<number> {
  const aws = await question.aws();
  const found = await firstOf(await stagingPlaces(question), (place) => bundleWrittenAt(aws, place, release));
  if (found === undefined) throw await notStored(release, question);
  return found.content;
}

/**
 * Lets git and Nx ignore a folder, in whatever workspace: Nx would take a `project.json` that an app has put into its
 * assembly for a project, and run its targets.
 */
async function hideFromNx(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const [file, everything] = [join(folder, '.gitignore'), '*\n'];
  // Never empty for a moment.
  if ((await readFile(file, 'utf8').catch(() => '')) !== everything) await writeFile(file, everything);
}

/** Whether a folder holds the assembly of a release, without a doubt. */
async function holdsRelease(directory: string, release: string): Promise<boolean> {
  try {
    const manifest = await readReleaseManifest(directory);
    if (manifest?.digest !== release) return false;
    await verifyAssembly(readAssembly(directory), manifest, { contents: 'none' });
    return true;
  } catch {
    // Whoever was killed or has been here: it is written anew.
    return false;
  }
}

/** What the first place has. If none has it, why one could not be asked is told. */
async function firstOf<Content>(
  places: readonly StagingPlace[],
  ask: (place: StagingPlace) => Promise<Content | undefined>,
): Promise<{ readonly place: StagingPlace; readonly content: Content } | undefined> {
  let failure: Failure | undefined;
  for (const place of places) {
    try {
      const content = await ask(place);
      if (content !== undefined) return { place, content };
    } catch (error) {
      const explained = explain(error);
      // What is there and wrong is no reason to look elsewhere: somebody has to know.
      if (explained.code === 'BrokenBundle') throw explained;
      failure ??= explained;
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

/** The staging buckets that an app may use, in promotion order, each with the role that deploys there. */
async function stagingPlaces(question: StoreQuestion): Promise<StagingPlace[]> {
  const { environments, projectRoot, aws } = question;
  if (environments === undefined) {
    const { account, region } = await (await aws()).caller();
    const named = readCdkJsonIfAny(projectRoot).context?.['@aws-cdk/core:bootstrapQualifier'];
    const qualifier = typeof named === 'string' ? named : DEFAULT_QUALIFIER;
    const target = { account, region };
    const arn = bootstrapRoleArn('deploy', target, qualifier);
    return [stagingPlace('deploy', target, stagingBucketName(target, qualifier), arn)];
  }
  const places = placesOfTargets('deploy', { ...question, environments }).flatMap((target) => target.places);
  return [...new Map(places.map((place) => [`${place.bucket} ${place.session.role!.arn}`, place])).values()];
}

async function notStored(release: string, question: StoreQuestion): Promise<Failure> {
  const buckets = [...new Set((await stagingPlaces(question)).map(({ bucket }) => bucket))].join(', ');
  const what = `The assembly of release ${release} is neither here nor in ${buckets || 'a bucket of an environment'}`;
  const next = 'check the digest, or check out what it is of and publish it (nx publish <project>)';
  return new Failure('NotPublished', { what, next });
}
