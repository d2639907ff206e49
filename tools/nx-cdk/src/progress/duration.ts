/**
 * A measured duration for people: `0.4 s`, `12.3 s`, `2 min 5 s`, `1 h 2 min`.
 *
 * @param milliseconds negative and non-finite values count as 0
 */
export function formatDuration(milliseconds: number): string {
  const tenths = Math.round(sane(milliseconds) / 100);
  return tenths < 600 ? `${(tenths / 10).toFixed(1)} s` : formatElapsed(milliseconds);
}

/** A running clock, in whole seconds so that it does not flicker: `12 s`, `2 min 5 s`, `1 h 2 min`. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.round(sane(milliseconds) / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function sane(milliseconds: number): number {
  return Number.isFinite(milliseconds) && milliseconds > 0 ? milliseconds : 0;
}
