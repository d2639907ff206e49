export { KNOWN_COMMANDS, readCommandLine } from './command-line.ts';
export { findCli } from './find-cli.ts';
export { type CliReport, runCli } from './run-cli.ts';
