import type { Assembly } from 'nx-cdk/src/assembly/model.ts';
import { createAws } from 'nx-cdk/src/aws/index.ts';
import { deploy, type DeployReport, type DeployRequest } from 'nx-cdk/src/deploy/index.ts';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { publish, type PublishReport } from 'nx-cdk/src/publish/index.ts';
import {
  claimPlaces,
  packBundle,
  readReleaseManifest,
  recordPublished,
  ReleaseGate,
} from 'nx-cdk/src/release/index.ts';

export interface ShipOptions extends Omit<Partial<DeployRequest>, 'assembly'> {
  /** Endpoint, certificate and keys; see `TestBed.environment`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly listener?: (event: ProgressEvent) => void;
}

export interface Shipment {
  readonly published: PublishReport;
  readonly deployed: DeployReport;
  readonly events: readonly ProgressEvent[];
}

/**
 * Publishes and deploys, each with sessions and clients of its own: the two steps are two processes. An assembly that
 * is a release is recorded, and deployed if it is the recorded one.
 */
export async function ship(assembly: Assembly, options: ShipOptions): Promise<Shipment> {
  const { environment, signal, listener: hear, ...request } = options;

  const events: ProgressEvent[] = [];
  const listener = (event: ProgressEvent) => {
    events.push(event);
    hear?.(event);
  };
  const manifest = await readReleaseManifest(assembly.directory);
  const published = await withAws(environment, listener, async (aws) => {
    const about = manifest && { release: manifest.digest, stacks: assembly.stacks };
    const claims = about && (await claimPlaces({ ...about, isPart: () => true }, { aws, listener, signal }));
    const report = await publish(assembly, { aws, listener, signal });
    const { destinations } = report;
    const bytes = manifest && (await packBundle(assembly, manifest));
    const bundle = about && bytes && { release: about.release, bytes };
    if (about) await recordPublished({ ...about, destinations, bundle, claims }, { aws, listener, signal });
    return report;
  });
  const deployed = await withAws(environment, listener, (aws) => {
    const gates = manifest ? [new ReleaseGate({ manifest, assembly }, { aws, listener })] : [];
    const stacks = assembly.stacks.map(({ id }) => id);
    return deploy({ stacks, ...request, assembly }, { aws, listener, signal, gates });
  });
  return { published, deployed, events };
}

/** How the parts of a shipment ended: assets by label, stacks by id, failures in their own words. */
export function outcomes({ published, deployed }: Shipment): Record<string, string> {
  return Object.fromEntries([
    ...published.destinations.map(({ label, outcome, failure }) => [label, failure?.message ?? outcome]),
    ...deployed.stacks.map(({ id, outcome, failure }) => [id, failure?.message ?? outcome]),
  ]);
}

async function withAws<T>(
  environment: ShipOptions['environment'],
  listener: (event: ProgressEvent) => void,
  work: (aws: ReturnType<typeof createAws>) => Promise<T>,
): Promise<T> {
  const aws = createAws({ listener, environment: { ...environment } });
  try {
    return await work(aws);
  } finally {
    aws.destroy();
  }
}
