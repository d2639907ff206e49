import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AwsProxy } from 'aws-proxy';
import { callerWhoMayOnly, mayAssume, openTestBed, type ProcessResult, PROD, STAGING } from 'test-bed';
import { SHOP, writeShop } from './shop.ts';
import type { Workspace } from './workspaces.ts';

/** What one command made, asked for and said. */
export interface Command {
  /** The release, but for what publishing notes in it. Its digest is over all of it. */
  readonly release: object;
  /** How often each action was asked for, by service and action, as `s3:PutObject`. */
  readonly requests: Readonly<Record<string, number>>;
  /** What was printed, but for {@link comparable what differs from run to run}. */
  readonly lines: readonly string[];
}

/** A shipment to empty accounts. */
export interface Shipment {
  /** `publish` by somebody who may only deploy. */
  readonly refused: Command;
  /** The first `deploy`, with all that it depends on. */
  readonly created: Command;
  /** The second one. */
  readonly unchanged: Command;
}

/** Ships the app from a workspace that gets it, on a local AWS where nothing has been shipped yet. */
export async function shipFrom(workspace: Workspace): Promise<Shipment> {
  await writeShop(workspace);
  const bed = await openTestBed({ bootstrapped: true });
  try {
    const proxy = await bed.proxy();
    const deploying = [STAGING, PROD].map((place) => mayAssume('deploy', place));
    const deployer = await callerWhoMayOnly(bed.local, 'only-deploys', ...deploying);
    const anybody = bed.environment(proxy);
    const told = (work: () => Promise<ProcessResult>) => commandOf(workspace, proxy, work);
    return {
      refused: await told(() => workspace.refused('publish', SHOP, { ...deployer, ...proxy.environment })),
      created: await told(() => workspace.nx('deploy', SHOP, anybody)),
      unchanged: await told(() => workspace.nx('deploy', SHOP, anybody)),
    };
  } finally {
    await bed.close();
  }
}

async function commandOf({ root }: Workspace, proxy: AwsProxy, work: () => Promise<ProcessResult>): Promise<Command> {
  proxy.reset();
  const { output } = await work();
  const manifest = await readFile(join(root, 'apps', SHOP, 'cdk.out', 'release.json'), 'utf8');
  const byAction = Map.groupBy(proxy.requests, ({ service, action }) => `${service}:${action}`);
  return {
    release: { ...(JSON.parse(manifest) as object), published: undefined },
    requests: Object.fromEntries([...byAction].map(([action, requests]) => [action, requests.length])),
    lines: comparable(output, root),
  };
}

/** How long something took, and the room around it. */
const TIME = /\s*\b(\d+ min )?\d+(\.\d+)? s\b/g;

/** What Nx says at the end of its times and of its cache, sometimes before what else it says. */
const NX_SUMMARY = /^ +(Run duration|Cache|Critical path|Recoverable time): /;

/** What Nx advises where a task has taken long. */
const NX_ADVICE = /^ +Recommendations:\n(?: .*\n)*\n?/gm;

/** When a run began, as in the names of pages. */
const MOMENT = /\b\d{4}-\d{2}-\d{2}-\d{6}\b/g;

/** What a busy machine is told of in between. */
const HEARTBEAT = /^\s*still running: /;

/** How Nx found a result that it had already: with its daemon it knows that it is still in its place. */
const NX_CACHE = /^(> nx run \S+) {2}\[.*\]$/;

/** An asset. They are published at the same time, in no order: any of them may be the first to be refused. */
const ASSET = /^\S .* \(\d{12}\/\S+\) (uploaded|unchanged|failed)\b/;
const REFUSED_ASSET = /^✖ .+ (\(\d{12}\/\S+\) failed)/;

/** What a command printed, without times and folders, and what has no order in one. */
function comparable(output: string, root: string): string[] {
  const lines = output
    .replaceAll(root, '<workspace>')
    .replaceAll(NX_ADVICE, '')
    .replaceAll(MOMENT, '<moment>')
    .split('\n')
    .filter((line) => !NX_SUMMARY.test(line) && !HEARTBEAT.test(line))
    .map((line) => line.replace(NX_CACHE, '$1').replaceAll(TIME, ' <time>').trimEnd());
  const assets = lines
    .filter((line) => ASSET.test(line))
    .map((line) => line.replace(REFUSED_ASSET, '✖ <asset> $1').replace(/(for the same reason as) .+/, '$1 <asset>'));
  return [...lines.filter((line) => !ASSET.test(line)), ...assets.sort()];
}
