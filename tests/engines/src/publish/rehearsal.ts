import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { AwsProxy } from 'aws-proxy';
import type { LocalAws } from '@nx-cdk/local-aws';
import type { Target } from 'nx-cdk/src/assembly/model.ts';
import { type AwsClients, createAws } from 'nx-cdk/src/aws/index.ts';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { publish, type PublishReport, type PublishRequest } from 'nx-cdk/src/publish/index.ts';
import { callerWhoMay, openTestBed, rootClients } from 'test-bed';

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
  /** Requests by action, as the proxy counts them. */
  readonly requestsAtEndpoint: Readonly<Record<string, number>>;
}

/** An empty local AWS with bootstrapped accounts, and a folder for assets. */
export interface Rehearsal {
  readonly folder: string;
  readonly local: LocalAws;
  /** What every run goes through. */
  readonly proxy: AwsProxy;
  readonly publisher: AwsCredentialIdentity;
  /** One run with sessions and clients of its own, as a process has them. */
  run(request: PublishRequest, options?: RunOptions): Promise<RunResult>;
  /** Requests by action that go through the proxy meanwhile. */
  counting<T>(work: () => Promise<T>): Promise<{ result: T; requests: Record<string, number> }>;
  contentOf(environment: Target, bucket: string, key: string): Promise<Buffer>;
  end(): Promise<void>;
}

export async function rehearse(): Promise<Rehearsal> {
  const bed = await openTestBed({ bootstrapped: true });
  const { folder, local } = bed;
  const proxy = await bed.proxy();
  Object.assign(process.env, bed.environment(proxy));
  const publisher = await callerWhoMay(local, 'file-publishing');

  const counting = async <T>(work: () => Promise<T>) => {
    const before = proxy.requests.length;
    const result = await work();
    return { result, requests: countBy(proxy.requests.slice(before).map(({ action }) => action)) };
  };

  return {
    folder,
    local,
    proxy,
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
      const s3 = rootClients(local, environment).s3();
      const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const content = Buffer.from(await body!.transformToByteArray());
      s3.destroy();
      return content;
    },
    end: bed.close,
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
