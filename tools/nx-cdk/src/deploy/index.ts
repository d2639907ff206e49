export { deploy } from './deploy.ts';
export { buildGraph, type GraphNode, inOrder } from './graph.ts';
export { ExportsInUse, importsOf, twoStepsNote } from './exports.ts';
export {
  LeftBehind,
  leftBehindLine,
  type LeftBehindReport,
  leftBehindTitle,
  othersOf,
  tellLeftBehind,
} from './left-behind.ts';
export {
  isEmpty,
  lookAgainIfOutdated,
  notesOf,
  notesOfUnchanged,
  prepareChangeSet,
  protectionToSet,
} from './prepare.ts';
export { type Verification, verificationId, type VerificationReport } from './verification.ts';
export { compareOutputs, describeOutputs, type OutputChanges } from './output-changes.ts';
export { failedEnd, failureOf, outputsOf } from './report.ts';
export type * from './request.ts';
export { runGraph } from './scheduler.ts';
export { openRun, runStacks, type StackDependencies, type StackRun, stateOf } from './run-stacks.ts';
