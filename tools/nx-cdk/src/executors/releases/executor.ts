import { relative, sep } from 'node:path';
import type { Environments } from '@nx-cdk/environments';
import { type Command, defineExecutor, releaseOfWord } from '../../command/index.ts';
import { Git } from '../../deployments/index.ts';
import { Failure } from '../../failure/index.ts';
import {
  compareDependencies,
  compareReleases,
  comparisonAsText,
  fetchRelease,
  historyAsText,
  historyPlaces,
  readHistory,
  releaseAsText,
  sourcesOf,
} from '../../history/index.ts';
import { isReviewed } from '../../release/index.ts';
import type { ReleasesExecutorSchema } from './schema.d.ts';

/** Shows what was released when, and where it runs. Only reads. */
export default defineExecutor(async (options: ReleasesExecutorSchema, command) => {
  const { environmentsFile, environment, limit = 20, compare } = options;
  if (environmentsFile === undefined) {
    const what = 'The app names no environments file, which says where it is published and deployed to';
    throw new Failure('BadOption', { what, next: 'name it with --environmentsFile' });
  }
  const file = command.environments(environmentsFile);
  if (compare !== undefined) return compared(compare, file, options, command);
  const places = historyPlaces(file, 'lookup', environment);
  if (places.length === 0) throw noEnvironment(file, environment);
  const owner = (await command.owner())?.id;
  if (owner === undefined) {
    const what = 'Nobody knows which releases are those of this app: the workspace has no name';
    throw new Failure('BadOption', { what, next: 'give the package.json of the workspace a "name", and publish' });
  }
  const { listener } = command;
  const history = await readHistory({ owner, places, limit }, { aws: await command.aws(), listener });
  const say = (text: string, id?: string) => listener({ type: 'message', level: 'info', text, ...(id && { id }) });
  if (options.json === true) for (const one of history.releases) say(releaseAsText(one, history.releases), one.release);
  else say(historyAsText(history, process.stdout.columns));
  for (const { target, failure } of history.failures) {
    listener({ type: 'message', level: 'error', text: `${target}: ${failure.message}`, failure });
  }
  return { success: history.failures.length === 0, report: history };
});

/** Shows what differs between two releases. */
async function compared(
  compare: string,
  file: Environments,
  { environment }: ReleasesExecutorSchema,
  command: Command,
) {
  const words = compare.split(',').map((word) => word.trim());
  if (words.length !== 2 || words.includes('')) {
    const what = `--compare is "${compare}"`;
    throw new Failure('BadOption', { what, next: 'name two releases, as in --compare=prod,staging' });
  }
  const places = historyPlaces(file, 'deploy', environment);
  if (places.length === 0) throw noEnvironment(file, environment);
  const by = { file, environment, owner: await command.owner(), role: 'deploy', aws: command.awsOf } as const;
  const contents: Awaited<ReturnType<typeof fetchRelease>>[] = [];
  for (const word of words) {
    const resolved = isReviewed(word) ? { digest: word } : await releaseOfWord(word, by);
    if ('told' in resolved) command.listener({ type: 'message', level: 'info', text: resolved.told });
    contents.push(await fetchRelease(resolved.digest, places, command.awsOf));
  }
  const comparison = compareReleases(contents[0]!, contents[1]!);
  const dependencies = await dependenciesOf();
  command.listener({ type: 'message', level: 'info', text: comparisonAsText(comparison, dependencies) });
  return { success: true, report: { ...comparison, ...(dependencies && { dependencies }) } };

  /** What differs is known by the commits of the index, which is about apps of a workspace that has a name. */
  async function dependenciesOf() {
    const { owner } = by;
    if (owner === undefined || comparison.from === comparison.to) return undefined;
    const sources = await sourcesOf([comparison.from, comparison.to], places, owner.id, command.awsOf);
    const project = relative(command.workspaceRoot, command.projectRoot).split(sep).join('/');
    return compareDependencies(sources, new Git(command.workspaceRoot), project);
  }
}

function noEnvironment({ file }: Environments, environment: string | undefined): Failure {
  const what =
    environment === undefined
      ? `${file} has no environment that exists once`
      : `${file} has no environment "${environment}" that exists once`;
  return new Failure('UnknownEnvironment', { what, next: 'look at its environments; nx sandboxes lists instances' });
}
