import type { AwsCall, ItemEnd, ItemPart, Listener, Message, OrderedItem, ProgressEvent } from './events.ts';
import { redact } from './redact.ts';
import { withoutEscapes } from './text-width.ts';

/** How much of a run is kept: a page must not grow without end, nor the memory of the process. */
const LIMITS = { runs: 50, messages: 500, retried: 500, steps: 100, lines: 50 } as const;

/** What happened in a command. Plain data, with secrets masked. Times are milliseconds since the command began. */
export interface Recording {
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly milliseconds: number;
  /** In the order of their beginning: a deployment may be followed by a deletion. The last few dozen. */
  readonly runs: readonly RecordedRun[];
  /** In the order of their first. */
  readonly calls: readonly RecordedCalls[];
  /** Requests that took more than one attempt, as when AWS throttles; the first few hundred. */
  readonly retried: readonly RecordedRetry[];
  /** Without debug output; the last few hundred. */
  readonly messages: readonly RecordedMessage[];
}

/** What one engine did. */
export interface RecordedRun {
  /** `publish`, `deploy`, `plan` */
  readonly action: string;
  /** `4 stacks in 2 targets` */
  readonly subject: string;
  readonly startedAt: number;
  /** Absent if the run did not come to its end. */
  readonly milliseconds?: number;
  readonly success?: boolean;
  /** `4 stacks: 1 updated, 3 unchanged` */
  readonly summary?: string;
  /** What waits for what; empty if nothing waits. */
  readonly order: readonly OrderedItem[];
  /** In the order of their beginning. */
  readonly items: readonly RecordedItem[];
}

/** A stack, an asset, a check of an environment. */
export interface RecordedItem extends Partial<Omit<ItemEnd, 'outcome'>> {
  readonly id: string;
  readonly label: string;
  /** `111111111111/eu-west-1` */
  readonly where?: string;
  /** Absent if it did not come to its end; `running` where that is still to come, `waiting` where it has not begun. */
  readonly outcome?: ItemEnd['outcome'] | 'running' | 'waiting';
  /** Absent if it was not worked on. */
  readonly startedAt?: number;
  /** Absent if it did not come to its end. */
  readonly milliseconds?: number;
  /** What it was doing, from when on. */
  readonly steps: readonly { readonly at: number; readonly text: string }[];
  /** Of a stack: its resources, with times since the command began. */
  readonly parts?: readonly ItemPart[];
}

/** All requests of one kind with one role. */
export interface RecordedCalls extends Pick<AwsCall, 'service' | 'action' | 'role' | 'target'> {
  readonly count: number;
  /** Of all of them together. */
  readonly milliseconds: number;
  /** Attempts besides the first of each. */
  readonly retries: number;
  readonly errors: number;
}

export interface RecordedRetry extends Pick<AwsCall, 'service' | 'action' | 'target' | 'attempts' | 'milliseconds'> {
  /** When it was answered. */
  readonly at: number;
}

export interface RecordedMessage extends Pick<Message, 'text' | 'id' | 'failure'> {
  readonly at: number;
  readonly level: 'info' | 'warning' | 'error';
}

type Growing<Part> = { -readonly [Key in keyof Part]: Part[Key] };
type GrowingItem = Growing<RecordedItem> & { readonly steps: { at: number; text: string }[] };
type GrowingRun = Growing<Omit<RecordedRun, 'items'>> & { readonly items: Map<string, GrowingItem> };

/** Fields that programs compare with: a password `failed` must not mask them. */
const OUR_WORDS = new Set(['outcome', 'level']);

/** Keeps what happens in a command, for pages that show it. */
export class Recorder {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #runs: GrowingRun[] = [];
  readonly #calls = new Map<string, Growing<RecordedCalls>>();
  readonly #retried: RecordedRetry[] = [];
  readonly #messages: RecordedMessage[] = [];

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#startedAt = now();
  }

  readonly listener: Listener = (event) => this.#record(event);

  /** What has happened so far. Secrets that have become known meanwhile are masked in what was said before, too. */
  recording(): Recording {
    const recording: Recording = {
      startedAt: new Date(this.#startedAt).toISOString(),
      milliseconds: this.#at(),
      runs: this.#runs.map((run) => ({ ...run, items: [...run.items.values()] })),
      calls: [...this.#calls.values()],
      retried: this.#retried,
      messages: this.#messages,
    };
    return masked(recording);
  }

  #at(): number {
    return Math.max(0, this.#now() - this.#startedAt);
  }

  #record(event: ProgressEvent): void {
    const at = this.#at();
    const run = this.#runs.at(-1);
    switch (event.type) {
      case 'run-started': {
        const { action, subject, order = [] } = event;
        this.#runs.push({ action, subject, startedAt: at, order, items: new Map() });
        if (this.#runs.length > LIMITS.runs) this.#runs.shift();
        return;
      }
      case 'item-started': {
        const { id, label, where } = event;
        run?.items.set(id, { id, label, where, startedAt: at, steps: [] });
        return;
      }
      case 'item-progress': {
        const steps = run?.items.get(event.id)?.steps;
        // A step that only counts on takes no place.
        if (event.milestone && steps && steps.length < LIMITS.steps) steps.push({ at, text: event.step });
        return;
      }
      case 'item-parts': {
        const item = run?.items.get(event.id);
        const began = at - event.since;
        const parts = event.parts.map((part) => ({ ...part, startedAt: Math.max(0, began + part.startedAt) }));
        if (item) item.parts = [...(item.parts ?? []), ...parts];
        return;
      }
      case 'item-finished': {
        const { id, outcome, detail, lines, failure, milliseconds } = event;
        const item = run?.items.get(id) ?? { id, label: id, steps: [] };
        const end = { outcome, detail, lines: lines?.slice(0, LIMITS.lines), failure, milliseconds };
        run?.items.set(id, Object.assign(item, end));
        return;
      }
      case 'aws-call':
        return this.#count(event, at);
      case 'message': {
        const { level, text, id, failure } = event;
        if (level === 'debug') return;
        this.#messages.push({ at, level, text, ...(id !== undefined && { id }), ...(failure && { failure }) });
        if (this.#messages.length > LIMITS.messages) this.#messages.shift();
        return;
      }
      case 'run-finished':
        if (run) {
          const { success, summary, milliseconds } = event;
          Object.assign(run, { success, summary, milliseconds });
        }
    }
  }

  #count({ service, action, role, target, milliseconds, attempts, error }: AwsCall, at: number): void {
    const key = [service, action, role, target].join(' ');
    const known = this.#calls.get(key) ?? {
      service,
      action,
      role,
      target,
      count: 0,
      milliseconds: 0,
      retries: 0,
      errors: 0,
    };
    known.count += 1;
    known.milliseconds += milliseconds;
    known.retries += attempts - 1;
    if (error !== undefined) known.errors += 1;
    this.#calls.set(key, known);
    if (attempts > 1 && this.#retried.length < LIMITS.retried)
      this.#retried.push({ at, service, action, target, attempts, milliseconds });
  }
}

/** A copy in which each text is masked by itself, as in the JSON output, and has none of the codes of a terminal. */
export function masked<Value>(value: Value): Value {
  const mask = (key: string, part: unknown) =>
    typeof part === 'string' && !OUR_WORDS.has(key) ? redact(withoutEscapes(part)) : part;
  return JSON.parse(JSON.stringify(value, mask)) as Value;
}
