export type { AdmissionOptions } from './admission.ts';
export { chooseStacks, type StackOptions } from './choose-stacks.ts';
export {
  type Command,
  type CommandResult,
  type CommonOptions,
  defineExecutor,
  type ExecutorSettings,
  type PageOptions,
} from './define-executor.ts';
export { type ChosenInstance, chosenInstance, type InstanceOptions, instancesOf } from './instance.ts';
export { warnOfGoingBack } from './going-back.ts';
export { fileOfInstance } from './instance-file.ts';
export { refuseStrayOptions } from './handed-on.ts';
export { concurrencyPerTarget, type TargetLimit } from './limits.ts';
export type { ParameterOptions } from './parameters.ts';
export { releaseOfWord } from './release-word.ts';
export type { ReleaseOptions, Scope, ScopeOptions, ScopeSettings, SigningOptions } from './scope.ts';
export { sourceState } from './source-state.ts';
export { placesOfTargets } from './staging-places.ts';
export { keepIndex } from './keep-index.ts';
export { writeReport, writeText } from './write-report.ts';
