import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineDependencies, isAccessDenied, type Session } from '../aws/index.ts';

/** A log group that is followed. */
export interface FollowedGroup {
  readonly name: string;
  readonly session: Session;
  /** What its lines begin with. */
  readonly label: string;
}

interface State extends FollowedGroup {
  /** Milliseconds since the epoch, of the newest line that was shown. */
  since: number;
  /** Ids of the lines that were shown of this moment. */
  seen: Set<string>;
  isOver: boolean;
}

/** Milliseconds between two looks at all groups. */
const INTERVAL = 2000;

/** The same if nothing was written or edited for a while: an idle session costs next to nothing. */
const IDLE_INTERVAL = 15_000;

/** Milliseconds after which a session is idle. */
const IDLE_AFTER = 60_000;

/** Requests a second at most, for all groups: AWS allows five, in some regions ten, and others use them too. */
const MOST_REQUESTS = 2;

/** What Lambda itself writes around each invocation. */
const OF_LAMBDA = /^(START|END|REPORT|INIT_START) |^\{"time":"[^"]*","type":"platform\./;

/** Shows what functions log, from now on. */
export class LogTail {
  readonly #dependencies: EngineDependencies;
  readonly #groups = new Map<string, State>();
  #lastSign = Date.now();
  #wake = new AbortController();

  constructor(dependencies: EngineDependencies) {
    this.#dependencies = dependencies;
  }

  /** Follows these groups, and no others. */
  follow(groups: readonly FollowedGroup[]): void {
    const wanted = new Map(groups.map((group) => [keyOf(group), group]));
    for (const key of this.#groups.keys()) if (!wanted.has(key)) this.#groups.delete(key);
    for (const [key, group] of wanted) {
      if (!this.#groups.has(key))
        this.#groups.set(key, { ...group, since: Date.now(), seen: new Set(), isOver: false });
    }
    this.wake();
  }

  /** Looks soon: something was edited. */
  wake(): void {
    this.#lastSign = Date.now();
    this.#wake.abort();
  }

  /** Looks again and again until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wake = new AbortController();
      await sleep(this.#interval(), undefined, { signal: AbortSignal.any([signal, this.#wake.signal]) }).catch(
        () => undefined,
      );
      if (this.#wake.signal.aborted && !signal.aborted)
        await sleep(this.#shortest(), undefined, { signal }).catch(() => undefined);
      for (const group of this.#groups.values()) {
        if (signal.aborted) return;
        if (!group.isOver) await this.#look(group);
      }
    }
  }

  #interval(): number {
    const usual = Date.now() - this.#lastSign > IDLE_AFTER ? IDLE_INTERVAL : INTERVAL;
    return Math.max(usual, this.#shortest());
  }

  #shortest(): number {
    return Math.max(INTERVAL / 2, (this.#groups.size * 1000) / MOST_REQUESTS);
  }

  async #look(group: State): Promise<void> {
    const { aws, listener } = this.#dependencies;
    try {
      const { FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
      const client = await aws.logs(group.session);
      const { events = [] } = await client.send(
        new FilterLogEventsCommand({ logGroupName: group.name, startTime: group.since }),
      );
      for (const { eventId, message = '', timestamp = group.since, logStreamName: stream } of events) {
        // The local AWS gives lines no ids.
        const id = eventId ?? `${stream} ${timestamp} ${message}`;
        if (group.seen.has(id)) continue;
        if (timestamp > group.since) group.seen = new Set();
        group.since = Math.max(group.since, timestamp);
        group.seen.add(id);
        this.#lastSign = Date.now();
        const text = `${group.label}  ${message.trimEnd()}`;
        listener({ type: 'message', level: OF_LAMBDA.test(message) ? 'debug' : 'info', text });
      }
    } catch (error) {
      // A function that was never called has none yet.
      if ((error as { name?: string }).name === 'ResourceNotFoundException') return;
      group.isOver = isAccessDenied(error);
      const text = `The logs of ${group.label} cannot be read: ${(error as Error).message}`;
      listener({ type: 'message', level: group.isOver ? 'warning' : 'debug', text });
    }
  }
}

function keyOf({ name, session }: FollowedGroup): string {
  return `${session.account}/${session.region} ${name}`;
}
