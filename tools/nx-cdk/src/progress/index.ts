export { askForText, askYesOrNo, canAsk, type Conversation } from './ask.ts';
export { createProgress } from './create-progress.ts';
export { formatDuration } from './duration.ts';
export type * from './events.ts';
export { count, failedItem, Run, type RunEnd } from './run.ts';
export {
  masked,
  type RecordedCalls,
  type RecordedItem,
  type RecordedMessage,
  type RecordedRetry,
  type RecordedRun,
  Recorder,
  type Recording,
} from './recording.ts';
export { MASK, redact, registerSecret } from './redact.ts';
export { formatTable } from './table.ts';
export { oneLine, withoutColours, withoutEscapes, withUnseenShown } from './text-width.ts';
