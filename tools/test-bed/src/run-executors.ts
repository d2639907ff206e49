/**
 * Runs executors of one project one after the other, alone in a process, and ends as Nx lets a task's process end.
 * Without Nx around it, a signal reaches the executor itself, and starting takes half the time.
 *
 * Arguments: the workspace's folder, the project in its `apps`, then `executor` and its options as JSON, in turns.
 * Endpoint and credentials come from the environment. The executors are those of the workspace that holds this file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';

type Executor = (options: object, context: ExecutorContext) => Promise<{ success: boolean }>;

const [root = '.', project = '', ...steps] = process.argv.slice(2);
const nxJson = join(root, 'nx.json');
const context = {
  root,
  ...(existsSync(nxJson) && { nxJsonConfiguration: JSON.parse(readFileSync(nxJson, 'utf8')) as object }),
  cwd: root,
  isVerbose: false,
  projectName: project,
  projectsConfigurations: { version: 2, projects: { [project]: { root: `apps/${project}` } } },
} as unknown as ExecutorContext;
for (let step = 0; step < steps.length; step += 2) {
  const name = steps[step]!;
  const file = name === 'rehearse' ? '@nx-cdk/pipeline-walker/executor' : `nx-cdk/src/executors/${name}/executor.ts`;
  const { default: run } = (await import(file)) as { default: Executor };
  const { success } = await run(JSON.parse(steps[step + 1]!) as object, context);
  if (!success) process.exit(1);
}
process.exit(0);
