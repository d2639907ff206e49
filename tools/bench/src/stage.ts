import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Placeholder } from '@nx-cdk/local-aws';
import { git } from '@nx-cdk/processes';
import { withImageDigests } from 'nx-cdk/bootstrap';
import {
  bootstrap,
  bootstrapTemplate,
  CHECKOUT,
  CI,
  copyWorkspace,
  openTestBed,
  type Place,
  rootClients,
} from 'test-bed';
import { surroundings } from './surroundings.ts';

/** Says what is going on. @throws Error if the benchmark was interrupted */
export type Say = (line: string) => void;

/** What the contenders run against: a local AWS behind a proxy that counts and delays, and a copy of this workspace. */
export type Stage = Awaited<ReturnType<typeof openStage>>;

/**
 * Starts the local AWS and the proxy, and copies the workspace. It is a copy so that an app can be put into it and
 * measured with Nx's own start, while the workspace itself is not touched.
 */
export async function openStage(say: Say) {
  say('Starting a local AWS');
  const { folder, local, ...bed } = await openTestBed({ own: true, log: say });
  try {
    const proxy = await bed.proxy();
    say('Copying the workspace');
    const [workspace, home] = [join(folder, 'workspace'), join(folder, 'home')];
    await mkdir(home);
    await copyWorkspace(CHECKOUT, workspace);
    // Nx asks git which files there are.
    await git(workspace, ['init', '--quiet']);
    const template = withImageDigests(await bootstrapTemplate());
    if (!('text' in template)) throw new Error(`The bootstrap template has no ${template.missing}.`);
    return {
      proxy,
      /** For whatever a comparison needs besides the workspace. */
      folder,
      /** The home folder of every program: without anybody's profile, plugins or caches. */
      home,
      /** The process of the local AWS. */
      awsProcess: local.pid,
      /** What contenders work with; the app's folder need not be there yet. */
      forApp: (project: string, environment: Record<string, string> = {}) => {
        const common = { HOME: home, ...proxy.environment, ...environment };
        const foreign = { ...local.foreignEnvironment(), ...common };
        return surroundings(workspace, project, { ...local.environment(), ...common }, foreign);
      },
      /** Clients of an account's root, past the proxy. */
      root: (place: Place) => rootClients(local, place),
      /** What proves nothing on the local AWS. */
      placeholders: (): Promise<Placeholder[]> => local.placeholders(),
      /** Empties every account and bootstraps these, neither counted nor delayed. */
      freshAccounts: async (targets: readonly Place[]) => {
        await local.reset();
        const trust = { TrustedAccountsForLookup: CI.account };
        // All at once and without a CLI, which would take minutes for this number of places.
        await Promise.all(targets.map((target) => bootstrap(local, target, template.text, trust)));
      },
      /** Ends everything that was started and removes every file, also while something runs. */
      close: bed.close,
    };
  } catch (error) {
    await bed.close();
    throw error;
  }
}
