export { askForText, askYesOrNo, canAsk, type Conversation } from './ask.ts';
export { createProgress } from './create-progress.ts';
export type * from './events.ts';
export { count, failedItem, Run, type RunEnd } from './run.ts';
export { masked, Recorder, type Recording, type RecordedItem, type RecordedRun } from './recording.ts';
export { MASK, redact, registerSecret } from './redact.ts';
export { formatTable } from './table.ts';
export { oneLine } from './text-width.ts';
