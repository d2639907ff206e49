import type { AwsClients } from '../aws/index.ts';
import { CloudFormation, type Clock, isInProgress, systemClock } from '../cloudformation/index.ts';
import { bucketOf, explainObjectError } from '../destinations/index.ts';
import { Failure } from '../failure/index.ts';
import { RECORDS, shortRelease, type StagingPlace } from '../release/index.ts';
import { askBuckets, bucketNames } from './buckets.ts';
import { type DeployedStack, lastDeployed, readDeployed } from './deployed.ts';
import type { HistoryPlace } from './places.ts';
import { deployedBefore } from './previous.ts';
import { momentOf } from './text.ts';
import { isWhole } from './whole.ts';

/** The word for the release that an environment had before what was deployed to it last. */
export const PREVIOUS = 'previous';

const BY_DIGEST = 'name the release by its digest (nx releases shows them)';

/** Fewer digits of a digest name no release. */
const FEWEST_DIGITS = 12;

/** A release that somebody names by a word. */
export interface NamedRelease {
  /** The name of an environment, `previous`, or the beginning of a digest. */
  readonly word: string;
  /** The targets of the environment that the command is about, or of all. */
  readonly here: readonly HistoryPlace[];
  /** The targets of the environment that the word names. @default - it names none */
  readonly there?: readonly HistoryPlace[];
  /** Id of the app; undefined if the workspace has no name. */
  readonly owner: string | undefined;
}

interface ResolveDependencies {
  /** For the targets of the environment that the command is about. */
  readonly aws: AwsClients;
  /** For those of the environment that the word names. */
  readonly awsThere: AwsClients;
  /** @default - the clock of the system */
  readonly clock?: Clock;
}

/** A release, and how it was found, as a sentence. */
export interface ResolvedRelease {
  /** All 64 digits. */
  readonly digest: string;
  readonly told: string;
}

/**
 * Finds out which release a word means. Whoever may publish can write what is read here: the digest is for a person to
 * look at, or for a gate to ask about, and says nothing of what was reviewed.
 *
 * @throws Failure `UnknownRelease` if there is none, or more than one; nothing is ever guessed
 */
export async function resolveRelease(
  { word, here, there, owner }: NamedRelease,
  { aws, awsThere, clock = systemClock }: ResolveDependencies,
): Promise<ResolvedRelease> {
  if (there === undefined && word !== PREVIOUS) {
    const digest = await digestOf(word, here, aws);
    return { digest, told: `--release=${word} is ${digest}.` };
  }
  if (owner === undefined) {
    const what = `--release=${word}: nobody knows which stacks are those of this app, since the workspace has no name`;
    throw unknown(
      what,
      'give the package.json of the workspace a "name" and deploy, or name the release by its digest',
    );
  }
  if (there !== undefined) {
    const last = await lastIn(there, owner, { aws: awsThere, clock });
    const digest = await digestOf(last.release, there, awsThere);
    const question = { release: digest, places: there, stacks: last.stacks };
    const found = await isWhole(question, { aws: awsThere, clock });
    if (typeof found === 'object') {
      const what = `${word} has no release as a whole: ${shortRelease(digest)} was deployed last, and ${found.missing}`;
      throw unknown(what, `deploy it to ${word} again, or name the release by its digest`);
    }
    const note = found === 'unknown' ? '; whether all of it is there cannot be compared' : '';
    return { digest, told: `--release=${word} is ${digest}, which ${word} has (${last.how}${note}).` };
  }
  return before(here, owner, { aws, clock });
}

/** What an environment had before what was deployed to it last, whether that came to its end or not. */
async function before(
  here: readonly HistoryPlace[],
  owner: string,
  { aws, clock }: { readonly aws: AwsClients; readonly clock: Clock },
): Promise<ResolvedRelease> {
  const { environment } = here[0]!;
  const last = await lastIn(here, owner, { aws, clock, failures: 'allowed' });
  const found = await deployedBefore(
    last.stacks.map(({ place, stackName, stackId }) => {
      return { stackName, stackId, cloudFormation: new CloudFormation(aws, place.session, clock) };
    }),
    last.release,
  );
  if (found === undefined) {
    const what = `No event tells what ${environment} had before ${shortRelease(last.release)}: CloudFormation keeps events for 90 days`;
    throw unknown(what, BY_DIGEST);
  }
  const digest = await digestOf(found.release, here, aws);
  const deployedAt = momentOf({ publishedAt: new Date(found.at).toISOString() });
  const told = `--release=${PREVIOUS} is ${digest}, which was deployed to ${environment} on ${deployedAt}, before ${shortRelease(last.release)} (${last.how}).`;
  return { digest, told };
}

interface LastRelease {
  /** 16 digits. */
  readonly release: string;
  /** Of how many stacks that is known, for people. */
  readonly how: string;
  /** All of the app. */
  readonly stacks: readonly (DeployedStack & { readonly place: HistoryPlace })[];
}

/** The release of the last deployment that changed something in an environment. */
async function lastIn(
  places: readonly HistoryPlace[],
  owner: string,
  {
    failures = 'refused',
    ...dependencies
  }: {
    readonly aws: AwsClients;
    readonly clock: Clock;
    /** Whether that deployment may have failed. */
    readonly failures?: 'allowed' | 'refused';
  },
): Promise<LastRelease> {
  const [{ environment, targetName }] = places as [HistoryPlace];
  const shared = places.find((one) => one.sharedWith.length > 0);
  if (shared !== undefined) {
    const others = shared.sharedWith.join(', ');
    const what = `${environment} shares ${shared.targetName} with ${others}: nobody can tell which stacks are whose`;
    throw unknown(what, BY_DIGEST);
  }
  const targets = await Promise.all(places.map((place) => readDeployed(place, owner, dependencies)));
  const stacks = targets.flatMap(({ place, stacks: own }) => own.map((stack) => ({ ...stack, place })));
  const last = lastDeployed(stacks);
  if (last === undefined) throw unknown(`${environment} has no stack of this app (${targetName})`, BY_DIGEST);
  const hasFailed = ({ state, status, release }: DeployedStack) =>
    state === 'unfinished' && release !== undefined && !isInProgress(status);
  const isOdd = (stack: DeployedStack) => stack.state !== 'done' && !(failures === 'allowed' && hasFailed(stack));
  const odd =
    stacks.find((one) => isOdd(one) && one.deployedAt === last.deployedAt) ??
    stacks.find((one) => isOdd(one) && one.state === 'unfinished' && one.release === last.release);
  if (odd !== undefined) throw unknown(`${environment} has no release as a whole: ${whyNot(odd)}`, BY_DIGEST);
  const release = last.release!;
  const failed = stacks.some((one) => one.release === release && hasFailed(one));
  for (const { place, stacks: own } of targets) {
    const there = lastDeployed(own);
    // A deployment that fails goes no further.
    if (failed || there === undefined || there.release === release) continue;
    const what =
      `${environment} has no single release: ${shortRelease(release)} was deployed last, and ` +
      `${place.targetName} has ${there.release === undefined ? 'another one' : shortRelease(there.release)}`;
    throw unknown(what, BY_DIGEST);
  }
  const others = stacks.filter((one) => one.release !== release).length;
  const whole = others === 0 ? 'it was the last to change every stack there' : undefined;
  const part = `it was deployed last; ${others} of ${stacks.length} stacks are as an earlier one left them`;
  const how = failed ? 'its deployment did not come to its end' : (whole ?? part);
  return { release, how, stacks };
}

function whyNot({ stackName, status, state }: DeployedStack): string {
  if (state === 'unfinished') return `the last deployment of ${stackName} did not come to its end (${status})`;
  return `${stackName} was deployed last, and nobody knows with which release`;
}

/**
 * The only published release whose digest begins so.
 *
 * @throws Failure `UnknownRelease` if that is no beginning of a digest, or there is none, or another one
 */
async function digestOf(beginning: string, places: readonly HistoryPlace[], aws: AwsClients): Promise<string> {
  if (!/^[0-9a-f]+$/.test(beginning) || beginning.length < FEWEST_DIGITS) {
    const what = `"${beginning}" names no release`;
    const next = `give an environment, "${PREVIOUS}", or at least ${FEWEST_DIGITS} digits of a digest`;
    throw unknown(what, next);
  }
  const asked = places.map((place) => askBuckets(place, (bucket) => recordedIn(bucket, beginning, aws)));
  const found = new Set((await Promise.all(asked)).flat(2));
  const [digest] = found;
  const where = [...new Set(places.map(bucketNames))].join(', ');
  if (digest === undefined) {
    const what = `No release that begins with ${beginning} is published to ${where}`;
    throw unknown(what, 'publish it first (nx publish <project>), or look at nx releases');
  }
  if (found.size === 1) return digest;
  const what = `More than one release in ${where} begins with ${beginning}: ${[...found].toSorted().join(', ')}`;
  throw unknown(what, 'name all 64 digits');
}

/**
 * Digests of the releases with records in a bucket that begin so, with one request. Whoever may publish can put other
 * names beside them, behind which one of two would not be seen.
 *
 * @throws Failure `UnknownRelease` if there is more than a request shows
 */
async function recordedIn(place: StagingPlace, beginning: string, aws: AwsClients): Promise<string[]> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const s3 = await aws.s3(place.session);
  const prefix = `${RECORDS}${beginning}`;
  const input = { ...bucketOf(place), Prefix: prefix, Delimiter: '/' };
  const page = await s3.send(new ListObjectsV2Command(input)).catch(async (error: unknown) => {
    throw await explainObjectError(aws, { ...place, key: prefix }, error);
  });
  if (page.IsTruncated) {
    throw unknown(
      `Too much in ${place.bucket} begins with ${prefix} to tell which release is meant`,
      'name all 64 digits',
    );
  }
  return (page.CommonPrefixes ?? []).flatMap(({ Prefix = '' }) => {
    const digest = Prefix.slice(RECORDS.length, -1);
    return /^[0-9a-f]{64}$/.test(digest) ? [digest] : [];
  });
}

function unknown(what: string, next: string): Failure {
  return new Failure('UnknownRelease', { what, next });
}
