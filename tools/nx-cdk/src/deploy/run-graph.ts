import type { ItemEnd, Run } from '../progress/index.ts';
import type { GraphNode } from './graph.ts';
import { schedule } from './scheduler.ts';

/** How the nodes of a graph are worked on. */
export interface GraphWork<Result> {
  readonly run: Run;
  readonly graph: readonly GraphNode[];
  /** Nodes worked on at the same time. @default 10 */
  readonly limit?: number;
  /** Nodes of one target worked on at the same time. @default 10 */
  readonly limitPerTarget?: number;
  /** When it fires, no further node starts; running ones go on to their end. */
  readonly signal?: AbortSignal;
  /** `111111111111/eu-west-1`; undefined if it is not known. */
  targetOf(id: string): string | undefined;
  work(id: string): Promise<Result>;
  /** What came of a node whose work threw. */
  failed(id: string, error: unknown): Result;
  /** What came of a node that nobody worked on, since a dependency failed or the run was interrupted. */
  skipped(because: { readonly failed: string } | 'interrupted'): Result;
  /** How the display tells it. Dependents of what failed or was skipped are skipped. */
  endOf(result: Result): ItemEnd;
}

/** Works on every node of a graph in its order, and tells so. Returns what came of each, by id. */
export async function runGraph<Result>(
  options: GraphWork<Result>,
): Promise<Map<string, Result & { readonly seconds: number }>> {
  const { run, graph, limit = 10, limitPerTarget = 10, signal, endOf } = options;
  const ended = new Map<string, Result & { readonly seconds: number }>();
  await schedule({
    graph,
    limit,
    limitPerTarget,
    signal,
    targetOf: (id) => options.targetOf(id) ?? 'unknown',
    skip: (id, because) => {
      const result = options.skipped(because);
      ended.set(id, { ...result, seconds: run.leaveOut(id, endOf(result)).seconds });
    },
    run: async (id) => {
      const { result, seconds, outcome } = await run.item({ id, where: options.targetOf(id) }, async () => {
        const settled = await options.work(id).catch((error: unknown) => options.failed(id, error));
        return { ...endOf(settled), result: settled };
      });
      ended.set(id, { ...result, seconds });
      return outcome !== 'failed' && outcome !== 'skipped';
    },
  });
  return ended;
}
