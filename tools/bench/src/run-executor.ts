/**
 * Runs one executor of the plugin without Nx around it, and ends as Nx lets a task's process end.
 *
 * Arguments: the workspace's folder, the project's name, the executor, its options as JSON. Endpoint and credentials
 * come from the environment. The executor is that of the workspace which is measured, not the one beside this file.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExecutorContext } from '@nx/devkit';

type Executor = (options: object, context: ExecutorContext) => Promise<{ success: boolean }>;

const [root = '.', projectName = '', executor = '', options = '{}'] = process.argv.slice(2);
const context = {
  root,
  cwd: root,
  isVerbose: false,
  projectName,
  projectsConfigurations: { version: 2, projects: { [projectName]: { root: `apps/${projectName}` } } },
} as unknown as ExecutorContext;
const file = join(root, 'tools', 'nx-cdk', 'src', 'executors', executor, 'executor.ts');
const { default: run } = (await import(pathToFileURL(file).href)) as { default: Executor };
const { success } = await run(JSON.parse(options) as object, context);
process.exit(success ? 0 : 1);
