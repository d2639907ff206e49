import { appendFileSync } from 'node:fs';
import type { LogsConfig } from '@aws-sdk/client-codebuild';
import type { Clients, Session } from './clients.ts';

/** How many of the last lines are kept for the error of a failing build. */
const TAIL = 60;

/** How often what was said is sent, in milliseconds. */
const INTERVAL = 1_000;

/** Most lines of one request; the limit of CloudWatch Logs is 10,000, and 1 MiB. */
const BATCH = 1_000;

/** Where the log of a build goes. */
export interface BuildLogOptions {
  readonly project: string;
  /** The part of the build's id after the project. */
  readonly buildId: string;
  readonly config: LogsConfig | undefined;
  /** Of the build's own role: a role that may not write fails the build. */
  readonly session: Session;
  readonly clients: Clients;
  /** A copy on this machine; absolute. */
  readonly file: string;
}

/** The log of one build: sent to CloudWatch Logs as the build goes on, with its role, and written to a file. */
export class BuildLog {
  /** The last lines. */
  readonly tail: string[] = [];
  readonly #options: BuildLogOptions;
  readonly #group: string | undefined;
  readonly #stream: string;
  #waiting: { message: string; timestamp: number }[] = [];
  #sending: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #error: unknown;

  constructor(options: BuildLogOptions) {
    const { cloudWatchLogs } = options.config ?? {};
    this.#options = options;
    this.#group =
      cloudWatchLogs?.status === 'DISABLED'
        ? undefined
        : (cloudWatchLogs?.groupName ?? `/aws/codebuild/${options.project}`);
    this.#stream = [cloudWatchLogs?.streamName, options.buildId].filter(Boolean).join('/');
  }

  /**
   * Makes the stream, and the group if there is none, and writes a first line: what the role may not do is found out
   * before the build runs.
   */
  async open(firstLine: string): Promise<void> {
    this.write(firstLine);
    if (this.#group === undefined) return;
    const { CreateLogGroupCommand, CreateLogStreamCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    const logs = await this.#options.clients.logs(this.#options.session);
    const stream = { logGroupName: this.#group, logStreamName: this.#stream };
    try {
      await logs.send(new CreateLogStreamCommand(stream));
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      await logs.send(new CreateLogGroupCommand({ logGroupName: this.#group }));
      await logs.send(new CreateLogStreamCommand(stream));
    }
    this.#flush();
    await this.#settle();
  }

  /** Adds a line, secrets already masked. */
  write(line: string): void {
    this.tail.push(line);
    if (this.tail.length > TAIL) this.tail.shift();
    appendFileSync(this.#options.file, `${line}\n`, { mode: 0o600 });
    if (this.#group === undefined) return;
    // CloudWatch Logs takes no empty message.
    this.#waiting.push({ message: line === '' ? ' ' : line, timestamp: Date.now() });
    this.#timer ??= setTimeout(() => this.#flush(), INTERVAL).unref();
  }

  /** Sends what is left. Throws what kept a line from being written. */
  async close(): Promise<void> {
    this.#flush();
    await this.#settle();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      const events = this.#waiting.splice(0, BATCH);
      this.#sending = this.#sending
        .then(() => this.#send(events))
        .catch((error: unknown) => {
          this.#error ??= error;
        });
    }
  }

  async #settle(): Promise<void> {
    await this.#sending;
    if (this.#error !== undefined) throw this.#error;
  }

  async #send(logEvents: { message: string; timestamp: number }[]): Promise<void> {
    const { PutLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    const logs = await this.#options.clients.logs(this.#options.session);
    const stream = { logGroupName: this.#group!, logStreamName: this.#stream };
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
  }
}
