import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { LocalAws } from 'local-aws';
import type { Target } from 'nx-cdk/src/assembly/model.ts';
import { type AwsClients, createAws } from 'nx-cdk/src/aws/index.ts';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { publish, type PublishReport, type PublishRequest } from 'nx-cdk/src/publish/index.ts';
import { sharedAws } from 'test-bed';
import { callerWhoMay, CI, rootS3, setUpAccounts } from './accounts.ts';

/** Sees each attempt of each request to S3, and may answer it. */
export type Intercept = (headers: Record<string, string>, next: () => Promise<unknown>) => Promise<unknown>;

export interface RunOptions {
  /** @default those of a caller that may assume only publishing roles */
  readonly credentials?: AwsCredentialIdentity;
  readonly intercept?: Intercept;
  readonly signal?: AbortSignal;
  /** Hears of each event as it happens. */
  readonly onEvent?: (event: ProgressEvent) => void;
}

/** What came of one run. */
export interface RunResult {
  readonly report: PublishReport;
  readonly events: readonly ProgressEvent[];
  /** Calls by action, as the clients count them. */
  readonly calls: Readonly<Record<string, number>>;
  /** Requests by IAM action, as the endpoint counts them. */
  readonly requestsAtEndpoint: Readonly<Record<string, number>>;
}

/** An empty local AWS with bootstrapped accounts, and a folder for assets. */
export interface Rehearsal {
  readonly folder: string;
  readonly local: LocalAws;
  readonly publisher: AwsCredentialIdentity;
  /** One run with sessions and clients of its own, as a process has them. */
  run(request: PublishRequest, options?: RunOptions): Promise<RunResult>;
  /** Requests by IAM action that reach the endpoint meanwhile. */
  counting<T>(work: () => Promise<T>): Promise<{ result: T; requests: Record<string, number> }>;
  contentOf(environment: Target, bucket: string, key: string): Promise<Buffer>;
  end(): Promise<void>;
}

export async function rehearse(): Promise<Rehearsal> {
  const folder = await mkdtemp(join(tmpdir(), 'publish-'));
  const local = await sharedAws();
  Object.assign(process.env, local.environment(CI.account));
  await setUpAccounts(local);
  const publisher = await callerWhoMay(local, 'file-publishing');

  const requestLog = async () =>
    (await readFile(local.requestLog, 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { action: string }).action);

  const counting = async <T>(work: () => Promise<T>) => {
    const before = (await requestLog()).length;
    const result = await work();
    return { result, requests: countBy((await requestLog()).slice(before)) };
  };

  return {
    folder,
    local,
    publisher,
    counting,
    run: async (request, options = {}) => {
      const events: ProgressEvent[] = [];
      const listener = (event: ProgressEvent) => {
        events.push(event);
        options.onEvent?.(event);
      };
      const credentials = options.credentials ?? publisher;
      const aws = createAws({ listener, credentials: async () => credentials });
      try {
        const { result: report, requests } = await counting(() =>
          publish(request, { aws: intercepted(aws, options.intercept), listener, signal: options.signal }),
        );
        const calls = countBy(events.filter((event) => event.type === 'aws-call').map(({ action }) => action));
        return { report, events, calls, requestsAtEndpoint: requests };
      } finally {
        aws.destroy();
      }
    },
    contentOf: async (environment, bucket, key) => {
      const s3 = rootS3(local, environment);
      const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const content = Buffer.from(await body!.transformToByteArray());
      s3.destroy();
      return content;
    },
    end: async () => {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Outcomes of a report, in its order. */
export function outcomes(report: PublishReport): string[] {
  return report.destinations.map(({ outcome }) => outcome);
}

/** Reports of the files alone, in their order. */
export function filesIn(report: PublishReport) {
  return report.destinations.filter((each) => each.kind === 'file');
}

/** Reports of the images alone, in their order. */
export function imagesIn(report: PublishReport) {
  return report.destinations.filter((each) => each.kind === 'image');
}

function intercepted(aws: AwsClients, intercept: Intercept | undefined): AwsClients {
  const seen = new WeakSet<S3Client>();
  return {
    ...aws,
    s3: async (session) => {
      const client = await aws.s3(session);
      if (!intercept || seen.has(client)) return client;
      seen.add(client);
      client.middlewareStack.add(
        (next) => (args) =>
          intercept((args.request as { headers: Record<string, string> }).headers, () => next(args)) as never,
        { step: 'finalizeRequest', priority: 'low', name: 'intercept' },
      );
      return client;
    },
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
