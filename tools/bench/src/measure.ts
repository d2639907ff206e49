import type { Place } from 'test-bed';
import { type Command, type CommandCost, run } from './command.ts';
import type { Say, Stage } from './stage.ts';

/** Runs a program to its end. */
export type Run = (command: Command) => Promise<CommandCost>;

/** A way to do what a comparison is about. */
export interface Contender {
  readonly name: string;
  /** What it keeps between runs, in a cache of its own. */
  readonly cache: string;
  /** Forgets everything that an earlier run left on this machine. */
  readonly forget: () => Promise<void>;
  /** Runs the programs that it takes, one after another. */
  readonly work: (run: Run) => Promise<unknown>;
}

/** What the work of one contender cost. */
export interface Measured {
  readonly requests: number;
  readonly seconds: number;
  /** Requests by service and action, such as `s3 HeadObject`, most often first. */
  readonly actions: Readonly<Record<string, number>>;
}

/** One contender in one run. */
export interface Measurement<M extends Measured = Measured> {
  readonly contender: string;
  readonly cache: string;
  /** In freshly bootstrapped accounts. */
  readonly cold: M;
  /** Once more. */
  readonly unchanged: M;
}

/** The measurements of each run, in the order they were taken in. */
export type Runs<M extends Measured = Measured> = readonly (readonly Measurement<M>[])[];

/** Whether a contender is this workspace. */
export function isOurs(contender: string): boolean {
  return contender.startsWith('nx ');
}

/** This workspace, and those that `--only` names; all if it names none. */
export function chosen(contenders: readonly Contender[], only: readonly string[]): Contender[] {
  return contenders.filter(({ name }) => isOurs(name) || only.length === 0 || only.some((part) => name.includes(part)));
}

/** Does everything as often as `--runs` says, one after another: two at a time would measure each other. */
export async function repeat<T>(runs: number, say: Say, work: (say: Say, run: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let run = 0; run < runs; run += 1) {
    const prefix = runs > 1 ? `run ${run + 1} of ${runs}: ` : '';
    results.push(await work((line) => say(`${prefix}${line}`), run));
  }
  return results;
}

/**
 * Measures each contender. Another one begins in each run: what a machine does in the meantime does not always hit the
 * same one.
 */
export async function measureEach<M extends Measured>(
  contenders: readonly Contender[],
  { stage, targets, run, say }: { stage: Stage; targets: readonly Place[]; run: number; say: Say },
  measure: (contender: Contender) => Promise<M>,
): Promise<Measurement<M>[]> {
  const measurements: Measurement<M>[] = [];
  for (const index of contenders.keys()) {
    const contender = contenders[(index + run) % contenders.length]!;
    const { name, cache } = contender;
    const measured = async (phase: string) => {
      const result = await measure(contender);
      say(`${name}: ${phase}: ${result.requests} requests, ${result.seconds.toFixed(1)} s`);
      return result;
    };
    await stage.freshAccounts(targets);
    await contender.forget();
    const cold = await measured('cold');
    measurements.push({ contender: name, cache, cold, unchanged: await measured('nothing changed') });
  }
  return measurements;
}

/**
 * Counts and times some work, with a delay added to every request.
 *
 * @param delay in milliseconds
 * @param runOne what runs each program
 */
export async function measure(
  { proxy }: Stage,
  delay: number,
  work: Contender['work'],
  runOne: Run = run,
): Promise<Measured> {
  let seconds = 0;
  proxy.reset();
  proxy.setDelay(delay);
  await work(async (command) => {
    const cost = await runOne(command);
    seconds += cost.seconds;
    return cost;
  });
  proxy.setDelay(0);
  const byAction = Map.groupBy(proxy.requests, ({ service, action }) => `${service} ${action}`);
  const counts = [...byAction].map(([action, requests]) => [action, requests.length] as const);
  const actions = Object.fromEntries(counts.toSorted(([, one], [, other]) => other - one));
  return { requests: proxy.count(), seconds, actions };
}
