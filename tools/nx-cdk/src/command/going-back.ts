import type { Environments } from '@nx-cdk/environments';
import type { AwsClients } from '../aws/index.ts';
import { type ChangingStack, goingBack, historyPlaces } from '../history/index.ts';
import type { Listener } from '../progress/index.ts';
import type { Scope, ScopeOptions } from './scope.ts';

/** What a command may know of a release that it deploys. */
interface GoingBackSource {
  readonly environments: (file?: string) => Environments;
  readonly aws: () => Promise<AwsClients>;
  readonly listener: Listener;
}

/**
 * Warns if a release that somebody names was published before the one that runs. Without a name it is what is checked
 * out, and asks nothing.
 */
export async function warnOfGoingBack(
  { release: named, environmentsFile, environment }: ScopeOptions,
  { release, owner, instance }: Pick<Scope, 'release' | 'owner' | 'instance'>,
  stacks: readonly ChangingStack[],
  { environments, aws, listener }: GoingBackSource,
): Promise<void> {
  if (named === undefined || environmentsFile === undefined || instance !== undefined) return;
  if (release === undefined || owner === undefined) return;
  const places = historyPlaces(environments(environmentsFile), 'deploy', environment);
  const text = await goingBack({ release: release.digest, owner: owner.id, places, stacks }, await aws());
  if (text !== undefined) listener({ type: 'message', level: 'warning', text });
}
