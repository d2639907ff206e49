import type { DeployGate } from '../cloudformation/index.ts';
import { deployStack } from './deploy-stack.ts';
import { Gates } from './gates.ts';
import type { DeployReport, DeployRequest } from './request.ts';
import { openRun, runStacks, type StackDependencies } from './run-stacks.ts';

/** What a deploy run works with. */
export interface DeployDependencies extends StackDependencies {
  /** Asked in their order before anything changes. @default none */
  readonly gates?: readonly DeployGate[];
}

/**
 * Deploys stacks of an assembly with nothing but their deploy roles. What goes wrong with a stack is in the report, not
 * thrown: the others go on.
 *
 * @throws Failure as `openRun` does
 */
export async function deploy(request: DeployRequest, dependencies: DeployDependencies): Promise<DeployReport> {
  const run = await openRun(request, dependencies);
  const gates = new Gates(dependencies.gates ?? [], run);
  return runStacks(run, 'deploy', (stack) => deployStack(stack, run, gates));
}
