import type { DestinationReport, Totals } from './request.ts';

/** Counts what came of a run. */
export function totalsOf(destinations: readonly DestinationReport[], seconds: number): Totals {
  const count = (outcome: DestinationReport['outcome']) =>
    destinations.filter((each) => each.outcome === outcome).length;
  return {
    destinations: destinations.length,
    uploaded: count('uploaded'),
    unchanged: count('unchanged'),
    replaced: count('replaced'),
    planned: count('planned'),
    skipped: count('skipped'),
    failed: count('failed'),
    bytesUploaded: destinations
      .filter(({ outcome }) => outcome === 'uploaded' || outcome === 'replaced')
      .reduce((sum, { bytes, bytesSent }) => sum + (bytesSent ?? bytes ?? 0), 0),
    seconds,
  };
}

/** `12 assets: 3 uploaded, 9 unchanged` */
export function summarize(totals: Totals, interrupted: boolean): string {
  const outcomes = (['uploaded', 'replaced', 'planned', 'unchanged', 'skipped', 'failed'] as const)
    .filter((outcome) => totals[outcome] > 0)
    .map((outcome) => `${totals[outcome]} ${outcome}`);
  const assets = `${totals.destinations} ${totals.destinations === 1 ? 'asset' : 'assets'}`;
  return [
    `${assets}${outcomes.length ? ': ' : ''}${outcomes.join(', ')}`,
    ...(interrupted ? ['interrupted'] : []),
  ].join('; ');
}
