import { buildGraph } from './graph.ts';

const stack = (id: string, ...dependencies: string[]) => ({ id, dependencies });

describe('the graph of a run', () => {
  test('keeps dependencies, and counts those on stacks outside the run as done', () => {
    expect(buildGraph([stack('Data'), stack('Service', 'Data', 'NotSelected')])).toEqual([
      { id: 'Data', dependencies: [] },
      { id: 'Service', dependencies: ['Data'] },
    ]);
  });

  test('puts one barrier after each promotion group, for the stacks of the next to wait for', () => {
    const stacks = [stack('staging/A'), stack('staging/B'), stack('prod/A'), stack('Free')];
    const graph = buildGraph(stacks, [
      { name: 'staging', stackIds: ['staging/A', 'staging/B'] },
      { name: 'not selected', stackIds: ['other/A'] },
      { name: 'prod', stackIds: ['prod/A'] },
    ]);

    const dependencies = Object.fromEntries(graph.map((node) => [node.id, node.dependencies]));
    expect(dependencies).toEqual({
      'staging/A': [],
      'staging/B': [],
      'prod/A': ['promotion:staging'],
      Free: [],
      'promotion:staging': ['staging/A', 'staging/B'],
      'promotion:prod': ['prod/A', 'promotion:staging'],
    });
  });

  test('grows with the number of stacks, not with its square', () => {
    const ids = (name: string) => Array.from({ length: 500 }, (_, index) => `${name}/${index}`);
    const groups = ['one', 'two', 'three'].map((name) => ({ name, stackIds: ids(name) }));
    const graph = buildGraph(
      groups.flatMap(({ stackIds }) => stackIds.map((id) => stack(id))),
      groups,
    );

    const edges = graph.reduce((sum, node) => sum + node.dependencies.length, 0);
    expect(edges).toBeLessThan(2 * graph.length);
  });

  test('refuses stacks that wait for each other, and names them', () => {
    const stacks = [stack('A', 'B'), stack('B', 'C'), stack('C', 'A'), stack('D')];

    expect(() => buildGraph(stacks)).toThrow(/^The stacks wait for each other: A -> B -> C -> A: remove/);
  });

  test('refuses a promotion order that goes against a dependency', () => {
    const stacks = [stack('staging/A', 'prod/A'), stack('prod/A')];
    const promotion = [
      { name: 'staging', stackIds: ['staging/A'] },
      { name: 'prod', stackIds: ['prod/A'] },
    ];

    expect(() => buildGraph(stacks, promotion)).toThrow(/wait for each other/);
  });

  test('stands a chain of ten thousand stacks', () => {
    const stacks = Array.from({ length: 10_000 }, (_, index) => stack(`S${index}`, `S${index + 1}`));

    expect(buildGraph(stacks)).toHaveLength(10_000);
  });
});
