import { buildGraph } from './graph.ts';
import { schedule, type Schedule } from './scheduler.ts';

const stack = (id: string, ...dependencies: string[]) => ({ id, dependencies });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A run in which the test decides when each node ends. */
function controlled(graph: Schedule['graph'], options: Partial<Schedule> = {}) {
  const running = new Map<string, (succeeded: boolean) => void>();
  const started: string[] = [];
  const skipped: Record<string, string> = {};
  const done = schedule({
    graph,
    limit: 10,
    limitPerTarget: 10,
    targetOf: () => 'one',
    run: (id) => {
      started.push(id);
      return new Promise((resolve) => running.set(id, resolve));
    },
    skip: (id, culprit = 'interrupted') => (skipped[id] = culprit),
    ...options,
  });
  const end = async (id: string, succeeded = true) => {
    running.get(id)!(succeeded);
    running.delete(id);
    await turn();
  };
  return { running, started, skipped, done, end };
}

describe('the scheduler', () => {
  test('starts a node the moment that its own dependencies are done, not those of others', async () => {
    const run = controlled(
      buildGraph([stack('Slow'), stack('Quick'), stack('AfterQuick', 'Quick'), stack('AfterBoth', 'Slow', 'Quick')]),
    );
    await run.end('Quick');
    expect([...run.running.keys()].sort()).toEqual(['AfterQuick', 'Slow']);

    await run.end('Slow');
    expect(run.started).toEqual(expect.arrayContaining(['AfterBoth']));
    await run.end('AfterQuick');
    await run.end('AfterBoth');
    await run.done;
  });

  test('keeps to both limits', async () => {
    const stacks = Array.from({ length: 6 }, (_, index) => stack(`${index < 4 ? 'a' : 'b'}/${index}`));
    const run = controlled(buildGraph(stacks), { limit: 3, limitPerTarget: 2, targetOf: (id) => id[0]! });

    expect(run.started).toEqual(['a/0', 'a/1', 'b/4']);
    await run.end('a/0');
    expect(run.started.at(-1)).toBe('a/2');
    for (const id of ['a/1', 'b/4', 'a/2', 'a/3', 'b/5']) await run.end(id);
    await run.done;
  });

  test('prefers nodes with the longest chain behind them', async () => {
    const stacks = [stack('Leaf'), stack('Long1'), stack('Long2', 'Long1'), stack('Long3', 'Long2')];
    const run = controlled(buildGraph(stacks), { limit: 1 });

    for (const id of ['Long1', 'Long2', 'Leaf', 'Long3']) await run.end(id);
    await run.done;
    expect(run.started).toEqual(['Long1', 'Long2', 'Leaf', 'Long3']);
  });

  test('skips the dependents of a failed node, however far, and blames that node', async () => {
    const run = controlled(buildGraph([stack('A'), stack('B', 'A'), stack('C', 'B', 'Other'), stack('Other')]));
    await run.end('A', false);
    await run.end('Other');
    await run.done;

    expect(run.skipped).toEqual({ B: 'A', C: 'A' });
    expect(run.started).toEqual(['A', 'Other']);
  });

  test('opens a barrier when all of its group are done, and keeps it shut when one failed', async () => {
    const stacks = ['staging/A', 'staging/B', 'prod/A', 'late/A'].map((id) => stack(id));
    const promotion = ['staging', 'prod', 'late'].map((name) => ({
      name,
      stackIds: stacks.map(({ id }) => id).filter((id) => id.startsWith(name)),
    }));

    const good = controlled(buildGraph(stacks, promotion));
    await good.end('staging/A');
    expect(good.started).toEqual(['staging/A', 'staging/B']);
    for (const id of ['staging/B', 'prod/A', 'late/A']) await good.end(id);
    await good.done;

    const bad = controlled(buildGraph(stacks, promotion));
    await bad.end('staging/A', false);
    await bad.end('staging/B');
    await bad.done;
    expect(bad.skipped).toEqual({ 'prod/A': 'staging/A', 'late/A': 'staging/A' });
  });

  test('starts nothing after an interruption, and ends when what runs has ended', async () => {
    const interrupt = new AbortController();
    const run = controlled(buildGraph([stack('A'), stack('B'), stack('C', 'A')]), {
      limit: 1,
      signal: interrupt.signal,
    });
    interrupt.abort();
    await run.end('A');
    await run.done;

    expect(run.started).toEqual(['A']);
    expect(run.skipped).toEqual({ B: 'interrupted', C: 'interrupted' });
  });

  test('has nothing to do for an empty graph', async () => {
    await expect(controlled([]).done).resolves.toBeUndefined();
  });
});
