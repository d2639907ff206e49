export { nameOf, type DescribedStack, CloudFormation } from './client.ts';
export { type ResolvedStack, resolveStack } from './resolved-stack.ts';
export { type ChangeSet, createChangeSet } from './change-set.ts';
export { type DesiredStack, desire, snapshotOf } from './desired.ts';
export {
  type Changes,
  NO_CHANGES,
  UNCHANGED,
  type FailureCause,
  type StackSnapshot,
  type ResourceChange,
} from './changes.ts';
export { readTemplate, sameTemplate, summarize } from './template.ts';
export { judge } from './unchanged.ts';
export { systemClock, type Clock } from './clock.ts';
export { Interrupted } from './interrupted.ts';
export { GivenParameters } from './parameters.ts';
export { Snapshot } from './snapshot.ts';
export { Watch } from './watch.ts';
export { nameOfChangeSet, operationToken, readChangeSetMark, changeSetName } from './change-set-name.ts';
export { StackFailed, stackFailed } from './stack-failed.ts';
export { findCauses } from './events.ts';
export { reportEvents } from './live-events.ts';
export type { DeployGate, PendingStack } from './gate.ts';
export { BootstrapCheck } from './bootstrap-check.ts';
