export type { ReportedFailure } from '../failure/index.ts';
export { createProgress, type Progress, type ProgressOptions } from './create-progress.ts';
export { formatDuration } from './duration.ts';
export type * from './events.ts';
export { count, failedItem, type ItemEnd, NOT_STARTED, Run, type RunEnd, type RunItem } from './run.ts';
export { MASK, redact, registerSecret } from './redact.ts';
export { type Column, formatTable, type Row, type TableOptions } from './table.ts';
export type { Environment, Format, OutputStream } from './terminal.ts';
export { oneLine } from './text-width.ts';
