export { requireLimits } from './require-limits.ts';
export { type CommonOptions, runCommand } from './run-command.ts';
