export { concurrencyPerTarget, type TargetLimit } from './limits.ts';
export { type Command, type CommandResult, type CommonOptions, runCommand } from './run-command.ts';
export type { Scope, ScopeOptions, ScopeSettings } from './scope.ts';
export { writeReport, writeText } from './write-report.ts';
