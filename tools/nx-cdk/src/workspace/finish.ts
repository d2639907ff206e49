import { commandsOf, packageManagerOf } from '@nx-cdk/environments';
import { formatFiles, type GeneratorCallback, logger, type Tree } from '@nx/devkit';

/** What is left to do when a generator has written its files. */
export interface Finish {
  /** What `addPackages` returned. @default [] */
  readonly install?: readonly GeneratorCallback[];
  /** What a person does next, a sentence or a command each. @default - nothing */
  readonly next?: readonly string[];
}

/**
 * Ends a generator: formats what it wrote, if the workspace has a formatter. Return the result from the generator: Nx
 * calls it after it has written the files, and not at a dry run. It installs packages and prints the next steps.
 */
export async function finish(tree: Tree, { install = [], next = [] }: Finish): Promise<GeneratorCallback> {
  await formatFiles(tree);
  return async () => {
    for (const task of install) await task();
    if (next.length > 0) logger.info(nextSteps(next));
  };
}

/**
 * Nx's command line as a person types it: `npx nx graph`, `pnpm exec nx graph`, `yarn nx graph`; `./nx graph` where Nx
 * is installed without a `package.json`.
 */
export function nxCommand(tree: Tree, line: string): string {
  if (!tree.exists('package.json')) return `./nx ${line}`;
  return commandsOf(packageManagerOf(tree.root), tree.root).exec(`nx ${line}`);
}

/** Numbered, if there are several. */
function nextSteps(steps: readonly string[]): string {
  if (steps.length === 1) return `\nNext: ${steps[0]}`;
  return ['\nNext:', ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n');
}
