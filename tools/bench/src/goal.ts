/** What this workspace promises, and what came out. */
export interface Goal {
  readonly promise: string;
  readonly measured: string;
  readonly met: boolean;
}

/** The end of every report. */
export function promised(goals: readonly Goal[]): string[] {
  return [
    'Promised',
    ...goals.map(({ promise, measured, met }) => `  ${met ? 'kept  ' : 'BROKEN'}  ${promise}: ${measured}`),
  ];
}
