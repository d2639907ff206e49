import type { Environments } from '@nx-cdk/environments';
import type { AwsClients } from '../aws/index.ts';
import type { StackOwner } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { historyPlaces, PREVIOUS, type ResolvedRelease, resolveRelease } from '../history/index.ts';
import type { Listener } from '../progress/index.ts';
import { isReviewed } from '../release/index.ts';
import { ownerOf } from './owner.ts';

/** What says which release a word means. */
export interface WordSource {
  readonly file: Environments;
  /** The environment that the command is about. @default - all */
  readonly environment?: string;
  /** Whose releases they are; undefined if the workspace has no name. */
  readonly owner: StackOwner | undefined;
  /** Who reads: the step has no other roles. */
  readonly role: 'deploy' | 'lookup';
  /** Clients for the roles of one environment, or of all. */
  readonly aws: (environment?: string) => Promise<AwsClients>;
}

/**
 * The release that the name of an environment, `previous` or the beginning of a digest means.
 *
 * @throws Failure `UnknownRelease` if the word has no meaning, or two
 */
export async function releaseOfWord(
  word: string,
  { file, environment, owner, role, aws }: WordSource,
): Promise<ResolvedRelease> {
  const named = file.environments.find(({ name }) => name === word);
  if (named !== undefined && word === PREVIOUS) {
    const what = `--release=${PREVIOUS} may mean the release before, and the environment of that name`;
    throw new Failure('UnknownRelease', { what, next: 'name the release by its digest (nx releases shows them)' });
  }
  if (named?.instances) {
    const what = `The environment ${word} exists many times, so it has no release`;
    throw new Failure('UnknownRelease', { what, next: 'name the release by its digest (nx releases shows them)' });
  }
  const here = historyPlaces(file, role, environment);
  if (word === PREVIOUS && new Set(here.map((place) => place.environment)).size !== 1) {
    const what = `--release=${PREVIOUS} is the release before the one that an environment has`;
    throw new Failure('UnknownRelease', { what, next: 'name the environment, as in nx deploy-staging' });
  }
  return resolveRelease(
    { word, owner: owner?.id, here, ...(named && { there: historyPlaces(file, role, word) }) },
    { aws: await aws(environment), awsThere: await aws(named === undefined ? environment : word) },
  );
}

/** What a command knows to look a word up. */
interface WordCommand {
  readonly projectName: string;
  readonly workspaceRoot: string;
  readonly listener: Listener;
  readonly environments: (file?: string) => Environments;
  readonly awsOf: WordSource['aws'];
}

/** Options in which a word may stand for a release. */
interface WordOptions {
  readonly release?: string;
  readonly environmentsFile?: string;
  readonly environment?: string;
  readonly instance?: string;
}

/**
 * The options with a digest in place of a word, which is told before anything else happens.
 *
 * @param role who reads. @default - no word is understood
 * @throws Failure as `releaseOfWord` does
 */
export async function withDigest<Options extends WordOptions>(
  { projectName, workspaceRoot, listener, environments, awsOf }: WordCommand,
  options: Options,
  role: WordSource['role'] | undefined,
): Promise<Options> {
  const { release: word, environmentsFile, environment, instance } = options;
  const isWord = word !== undefined && !isReviewed(word);
  // Without an environments file nobody knows where to look, and instances have no history.
  if (!isWord || role === undefined || environmentsFile === undefined || instance !== undefined) return options;
  const file = environments(environmentsFile);
  const owner = ownerOf(workspaceRoot, projectName);
  const { digest, told } = await releaseOfWord(word, { file, environment, owner, role, aws: awsOf });
  listener({ type: 'message', level: 'info', text: told });
  return { ...options, release: digest };
}
