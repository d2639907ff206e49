import type { AssemblyStack } from '../assembly/index.ts';
import type { OpenedStack, OpenedStacks, StackFacts } from '../cloudformation/index.ts';
import type { ItemEnd, Run } from '../progress/index.ts';
import type { GraphNode } from './graph.ts';
import type { DeployRequest } from './request.ts';
import { schedule } from './scheduler.ts';

/** How the stacks of a run are worked on. */
export interface GraphWork<Result> {
  readonly run: Run;
  readonly graph: readonly GraphNode[];
  readonly stacks: readonly AssemblyStack[];
  readonly opened: OpenedStacks;
  readonly request: Pick<DeployRequest, 'concurrency' | 'concurrencyPerTarget'>;
  /** When it fires, no further stack starts; running ones go on to their end. */
  readonly signal?: AbortSignal;
  work(stack: OpenedStack): Promise<Result>;
  /** The result of a stack whose work threw. */
  failed(id: string, error: unknown): Result;
  /** The result of a stack that was not worked on. @param culprit what failed before it; none if interrupted */
  skipped(culprit?: string): Result;
  /** How the display shows it. Dependents of what failed or was skipped are skipped. */
  endOf(result: Result): ItemEnd;
}

/** Works on every stack in the order of the graph. Returns the results in the order of the assembly. */
export async function runGraph<Result>(
  options: GraphWork<Result>,
): Promise<(StackFacts & Result & { readonly seconds: number })[]> {
  const { run, graph, stacks, opened, request, signal, endOf } = options;
  const ended = new Map<string, Result & { readonly seconds: number }>();
  await schedule({
    graph,
    limit: request.concurrency ?? 10,
    limitPerTarget: request.concurrencyPerTarget ?? 10,
    signal,
    targetOf: (id) => opened.targetOf(id) ?? 'unknown',
    skip: (id, culprit) => {
      const result = options.skipped(culprit);
      ended.set(id, { ...result, seconds: run.end(id, endOf(result)).seconds });
    },
    run: async (id) => {
      const { result, seconds, outcome } = await run.item({ id, where: opened.targetOf(id) }, async () => {
        const work = async () => options.work(opened.get(id));
        const settled = await work().catch((error: unknown) => options.failed(id, error));
        return { ...endOf(settled), result: settled };
      });
      ended.set(id, { ...result, seconds });
      return outcome !== 'failed' && outcome !== 'skipped';
    },
  });
  return stacks.map((stack) => ({ ...opened.facts(stack), ...ended.get(stack.id)! }));
}
