/** How an app in TypeScript is started, and what a person should know about it. */
export interface NodeCommand {
  /** Runs a file in TypeScript: `node`, with the flag that it may need. */
  readonly program: string;
  readonly app: string;
  /** The versions of Node that it runs on, as a range of `engines`. */
  readonly engine: string;
  readonly note: readonly string[];
}

/**
 * The command of an app in TypeScript. From 22.18, Node runs TypeScript by default; before, if it is told to
 * (https://nodejs.org/api/typescript.html). Later versions know the flag as well, so an app that has it runs on all.
 *
 * @param version of the Node that the workspace is developed with: 22.18.0. @default the one that runs this
 */
export function nodeCommand(version: string = process.versions.node): NodeCommand {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return commandOf('node', '>=22.18');
  return commandOf('node --experimental-strip-types', '>=22.12', [
    `know that Node ${version} runs TypeScript only with a flag, which cdk.json has; with 22.18 or later it can go`,
  ]);
}

function commandOf(program: string, engine: string, note: readonly string[] = []): NodeCommand {
  return { program, app: `${program} src/main.ts`, engine, note };
}
