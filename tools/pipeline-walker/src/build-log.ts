import { appendFileSync } from 'node:fs';
import type { LogsConfig } from '@aws-sdk/client-codebuild';
import type { CloudWatchLogsClient, InputLogEvent } from '@aws-sdk/client-cloudwatch-logs';

/** How many of the last lines are kept for the error of a failed build. */
const TAIL = 60;

/** How often lines are sent, in milliseconds. */
const INTERVAL = 1_000;

/** Most lines of one request. CloudWatch Logs takes 10,000, and 1 MiB. */
const BATCH = 1_000;

/** The log of one build: sent to CloudWatch Logs while the build runs, and written to a file. */
export class BuildLog {
  /** The last lines. */
  readonly tail: string[] = [];
  readonly #file: string;
  /** With the session of the build's own role: if it may not write, the build fails. */
  readonly #client: CloudWatchLogsClient;
  readonly #stream: { readonly logGroupName: string; readonly logStreamName: string } | undefined;
  #waiting: InputLogEvent[] = [];
  #sending: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param buildId the part of the build's id after the project
   * @param file absolute
   */
  constructor(
    client: CloudWatchLogsClient,
    file: string,
    project: string,
    buildId: string,
    { cloudWatchLogs: config }: LogsConfig = {},
  ) {
    this.#client = client;
    this.#file = file;
    const logGroupName = config?.groupName ?? `/aws/codebuild/${project}`;
    const logStreamName = [config?.streamName, buildId].filter(Boolean).join('/');
    this.#stream = config?.status === 'DISABLED' ? undefined : { logGroupName, logStreamName };
  }

  /**
   * Creates the stream, and the group if there is none, and writes a first line, so that a missing permission shows
   * before the build runs.
   */
  async open(firstLine: string): Promise<void> {
    this.write(firstLine);
    if (this.#stream === undefined) return;
    const { CreateLogGroupCommand, CreateLogStreamCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    const { logGroupName } = this.#stream;
    try {
      await this.#client.send(new CreateLogStreamCommand(this.#stream));
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      await this.#client.send(new CreateLogGroupCommand({ logGroupName }));
      await this.#client.send(new CreateLogStreamCommand(this.#stream));
    }
    await this.flush();
  }

  /** Adds a line, with secrets already masked. */
  write(line: string): void {
    this.tail.push(line);
    if (this.tail.length > TAIL) this.tail.shift();
    appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
    if (this.#stream === undefined) return;
    // CloudWatch Logs takes no empty message.
    this.#waiting.push({ message: line === '' ? ' ' : line, timestamp: Date.now() });
    // What is refused is thrown by the last flush.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), INTERVAL).unref();
  }

  /** Sends all lines. Throws the first error of any sending. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting.splice(0);
    this.#sending = this.#sending.then(() => this.#send(waiting));
    await this.#sending;
  }

  async #send(events: InputLogEvent[]): Promise<void> {
    const { PutLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    while (events.length > 0) {
      const logEvents = events.splice(0, BATCH);
      await this.#client.send(new PutLogEventsCommand({ ...this.#stream!, logEvents }));
    }
  }
}
