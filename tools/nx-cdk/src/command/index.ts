export type { StackOptions } from './choose-stacks.ts';
export { type Command, type CommandResult, type CommonOptions, defineExecutor } from './define-executor.ts';
export { concurrencyPerTarget, type TargetLimit } from './limits.ts';
export type { ParameterOptions } from './parameters.ts';
export type { Scope, ScopeOptions, ScopeSettings } from './scope.ts';
export { writeReport, writeText } from './write-report.ts';
