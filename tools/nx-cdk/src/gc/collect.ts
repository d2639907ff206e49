import { explain } from '../aws/index.ts';
import { systemClock } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { count, failedItem, Run } from '../progress/index.ts';
import { garbageAsText, releasesIn } from './ask.ts';
import { Account, type AccountLook } from './look.ts';
import type { GarbagePlace } from './places.ts';
import {
  type GarbageDependencies,
  type GarbageOfTarget,
  type GarbageReport,
  type GarbageRequest,
  type TargetReport,
  YOUNGEST,
} from './request.ts';
import { Sweep, type Swept } from './sweep.ts';

/** An account, and what was found there or why it could not be looked at. */
interface Looked {
  readonly account: Account;
  readonly places: readonly GarbagePlace[];
  readonly look: AccountLook | Failure;
}

/** How one target ended. */
type End = Pick<TargetReport, 'outcome' | 'detail' | 'failure'>;

/**
 * Deletes what was published and is not needed any more: by no stack of the account, whoever deployed it, by no kept
 * release, and by no publishing run or deployment under way. Lists first, asks, and deletes only what was listed.
 *
 * A target that fails stops no other: see `failure` of its report.
 *
 * @throws Failure `BadOption` if `olderThan` is too young; `NotConfirmed` as `confirm` does
 */
export async function collectGarbage(
  request: GarbageRequest,
  dependencies: GarbageDependencies,
): Promise<GarbageReport> {
  if (request.olderThan < YOUNGEST) {
    const next = 'give at least 1d: what is being published or deployed right now must not count as old';
    throw new Failure('BadOption', { what: '--olderThan is less than a day', next });
  }
  const { listener, signal, confirm } = dependencies;
  const accounts = [...Map.groupBy(request.places, ({ target }) => target.account).values()];
  const chosen = request.places.filter(({ isChosen }) => isChosen);
  const subject = count(chosen.length, 'target');
  listener({
    type: 'message',
    level: 'info',
    text: `Looks at what is published in ${subject}, and at all stacks there.`,
  });
  let looked = await Promise.all(accounts.map((places) => lookAt(places, request, dependencies)));
  const shown = garbageIn(looked);
  const isAsked = confirm !== undefined && shown.length > 0 && request.dryRun !== true;
  if (!isAsked && shown.length > 0)
    listener({ type: 'message', level: 'info', text: garbageAsText(shown, request.names) });
  const declined = isAsked && !(await confirm(shown));
  // An answer may take hours. What has become garbage since was not shown.
  if (isAsked && !declined) {
    looked = await Promise.all(looked.map(async (one) => ({ ...one, look: both(one.look, await lookAgain(one)) })));
  }
  const action = request.dryRun === true ? 'gc (dry run)' : 'gc';
  const run = new Run({ listener, signal, action, subject, noun: 'target', items: chosen.length });
  const manner = declined ? 'declined' : request.dryRun === true ? 'dry' : 'delete';
  const targets = await Promise.all(looked.map((one) => endAccount(one, manner, run, request, dependencies)));
  const end = run.finish();
  return { ...end, ...(declined && { declined }), targets: targets.flat() };
}

async function lookAt(
  places: readonly GarbagePlace[],
  request: GarbageRequest,
  { aws, clock = systemClock }: GarbageDependencies,
): Promise<Looked> {
  const account = new Account(places, request, aws, clock);
  return { account, places, look: await account.look().catch((error: unknown) => explain(error)) };
}

async function lookAgain({ account, look }: Looked): Promise<AccountLook | Failure> {
  return look instanceof Failure ? look : account.look().catch((error: unknown) => explain(error));
}

/** What may be deleted, of all targets that hold garbage. */
function garbageIn(looked: readonly Looked[]): GarbageOfTarget[] {
  return looked.flatMap(({ look }) => {
    if (look instanceof Failure || look.unknown.length > 0) return [];
    const found = [...look.found.values()].flatMap((each) => (each instanceof Failure ? [] : each));
    return found.filter(isSomething);
  });
}

function isSomething({ items, retire }: GarbageOfTarget): boolean {
  return items.length + retire.length > 0;
}

/** What was found by both of two looks, and is the same. */
function both(first: AccountLook | Failure, second: AccountLook | Failure): AccountLook | Failure {
  if (first instanceof Failure || second instanceof Failure) return second;
  const found = new Map(
    [...second.found].map(([place, now]) => {
      const before = first.found.get(place);
      if (now instanceof Failure || before === undefined || before instanceof Failure) return [place, now];
      const items = new Map(before.items.map((item) => [item.place, item.writtenAt]));
      const records = new Set(before.retire.map(({ key }) => key));
      return [
        place,
        {
          ...now,
          items: now.items.filter((item) => items.get(item.place) === item.writtenAt),
          retire: now.retire.filter(({ key }) => records.has(key)),
        },
      ];
    }),
  );
  return { ...second, found };
}

/** Brings the targets of an account to their end, one after the other. */
async function endAccount(
  { account, places, look }: Looked,
  manner: 'declined' | 'dry' | 'delete',
  run: Run,
  request: GarbageRequest,
  { aws, signal, clock = systemClock }: GarbageDependencies,
): Promise<TargetReport[]> {
  const sweep = look instanceof Failure ? undefined : new Sweep(account, look, request, { aws, clock, signal });
  const reports: TargetReport[] = [];
  let isSweeping = false;
  try {
    for (const place of places.filter(({ isChosen }) => isChosen)) {
      const found = look instanceof Failure ? look : look.found.get(place)!;
      let swept: Swept = { deleted: [], retired: [] };
      const end = await run.item({ id: place.targetName }, async (): Promise<End> => {
        if (found instanceof Failure) return failedItem(found);
        const { unknown } = look as AccountLook;
        if (unknown.length > 0) return { outcome: 'skipped', detail: running(unknown) };
        if (!isSomething(found)) return { outcome: 'unchanged', detail: 'no garbage' };
        if (manner === 'dry') return { outcome: 'planned', detail: summary(found.items, found.retire) };
        if (manner === 'declined' || signal?.aborted) return { outcome: 'skipped', detail: 'nothing was deleted' };
        isSweeping = true;
        const failure = await sweep!
          .sweep(place, found, (done) => (swept = done))
          .then(() => undefined)
          .catch((error: unknown) => explain(error));
        if (failure !== undefined) return failedItem(failure);
        const detail = summary(swept.deleted, swept.retired);
        if (signal?.aborted) return { outcome: 'skipped', detail: `interrupted: ${detail}` };
        return { outcome: swept.deleted.length + swept.retired.length > 0 ? 'deleted' : 'unchanged', detail };
      });
      const none = { files: NOTHING, images: NOTHING, items: [], retire: [] };
      const facts = found instanceof Failure ? { target: place.targetName, ...none } : found;
      const { outcome, detail, failure } = end;
      const counts = { deleted: swept.deleted.length, retired: swept.retired.length };
      reports.push({ ...facts, ...counts, outcome, ...(detail && { detail }), ...(failure && { failure }) });
    }
  } finally {
    if (isSweeping) await sweep!.end();
  }
  return reports;
}

const NOTHING = { count: 0, bytes: 0 };

function running(unknown: readonly string[]): string {
  const more = unknown.length > 3 ? `, and ${unknown.length - 3} more` : '';
  return `a stack may still need what no template says: ${unknown.slice(0, 3).join(', ')}${more}; run it again when that is over`;
}

function summary(items: Swept['deleted'], retire: GarbageOfTarget['retire']): string {
  const of = (kind: string) => items.filter((item) => item.kind === kind).length;
  const parts = [count(of('file'), 'file'), count(of('image'), 'image')];
  return `${parts.join(', ')}, ${count(releasesIn(retire), 'release')} retired`;
}
