import type { RequestRecord } from 'aws-proxy';

/** How often each action was called, most often first. */
export function countActions(requests: readonly RequestRecord[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { service, action } of requests) {
    const name = `${service} ${action}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other - one));
}
