export { BootstrapCheck } from './bootstrap-check.ts';
export { type ChangeSet, createChangeSet, MAXIMUM_BODY } from './change-set.ts';
export {
  changeSetName,
  type InstanceFacts,
  nameOfChangeSet,
  ownerOfInstance,
  parseChangeSetName,
  parseInstance,
  type StackOwner,
  stackOwner,
} from './change-set-name.ts';
export { type Changes, NO_CHANGES, type ResourceChange, UNCHANGED } from './changes.ts';
export { CloudFormation, nameOf, type StackOperation } from './client.ts';
export { type Clock, systemClock } from './clock.ts';
export { type DeploymentMode, type DeploymentSettings, rollsBack, STANDARD } from './deployment-mode.ts';
export { deployedTemplateOf, isKnownUnchanged, madeLastOperation, reasonsToUpdate } from './compare.ts';
export type { DescribedStack } from './described-stack.ts';
export {
  type DesiredStack,
  desiredStack,
  type ExistingState,
  readDesired,
  type SeenStack,
  seenStack,
  type StackState,
} from './desired.ts';
export { type FailureCause, reportEvents } from './events.ts';
export type { DeployGate } from './gate.ts';
export { heldNames, isOwnedBy, leftBehindStack, type LeftBehindStack } from './left-behind.ts';
export { type OpenedStack, OpenedStacks, openStacks, type StackFacts } from './open-stacks.ts';
export { GivenParameters } from './parameters.ts';
export { type ResolvedStack, resolveStack } from './resolved-stack.ts';
export { hasOtherAlarms, type Monitoring } from './rollback-triggers.ts';
export { likeness } from './same-resources.ts';
export { StackRefactors } from './stack-refactors.ts';
export { StackFailed, stackFailed } from './stack-failed.ts';
export * from './stack-status.ts';
export { parseTemplate, sameTemplate, type StackTemplate } from './template.ts';
export { templateBetween } from './template-between.ts';
export { readTimeline } from './timeline.ts';
export { Skipped } from './watch.ts';
