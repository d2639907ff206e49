import type { Listener } from '../progress/index.ts';
import type { Clock } from './clock.ts';
import type { CloudFormation } from './client.ts';

/** Most small stacks are done before the first look, which then costs no request. */
const FIRST = 2000;
const DELAYS = [2500, 3000, 4000, 5000];

/**
 * Tells what the resources of a running operation are doing, until the signal fires. Only decoration: an error ends it
 * silently, and the operation is followed elsewhere.
 */
export async function reportEvents(
  cloudFormation: CloudFormation,
  clock: Clock,
  listener: Listener,
  operation: { readonly id: string; readonly stackId: string; readonly token: string; readonly total: number },
  signal: AbortSignal,
): Promise<void> {
  const done = new Set<string>();
  try {
    await clock.sleep(FIRST, signal);
    for (let look = 0; !signal.aborted; look += 1) {
      const { events } = await cloudFormation.events(operation.stackId);
      if (signal.aborted) return;
      const own = events.filter(
        (event) => event.ClientRequestToken === operation.token && event.PhysicalResourceId !== operation.stackId,
      );
      for (const event of own)
        if (/^[A-Z]+_COMPLETE$/.test(event.ResourceStatus ?? '')) done.add(event.LogicalResourceId ?? '');
      const latest = own[0];
      if (latest) {
        listener({
          type: 'item-progress',
          id: operation.id,
          step: `${latest.ResourceType} ${latest.LogicalResourceId} ${latest.ResourceStatus}`,
          done: Math.min(done.size, operation.total),
          total: operation.total,
        });
      }
      await clock.sleep(DELAYS[Math.min(look, DELAYS.length - 1)]!, signal);
    }
  } catch {
    // The display stays as it was.
  }
}
