import type { AssemblyStack } from '../assembly/index.ts';
import { destroyGraph, withDependents } from './order.ts';

function stacks(edges: Record<string, string[]>): AssemblyStack[] {
  return Object.entries(edges).map(([id, dependencies]) => ({ id, dependencies }) as unknown as AssemblyStack);
}

const app = stacks({
  'staging/Data': [],
  'staging/Service': ['staging/Data'],
  'staging/Alarms': ['staging/Service'],
  'prod/Data': [],
  'prod/Service': ['prod/Data'],
});

describe('what is deleted', () => {
  test('is what was chosen and everything that depends on it, however far', () => {
    expect(withDependents(app, ['staging/Data'])).toEqual(['staging/Data', 'staging/Service', 'staging/Alarms']);
    expect(withDependents(app, ['staging/Alarms', 'prod/Service'])).toEqual(['staging/Alarms', 'prod/Service']);
  });
});

describe('the order of deletion', () => {
  const before = (graph: ReturnType<typeof destroyGraph>, id: string) =>
    graph.find((node) => node.id === id)?.dependencies;

  test('is that of deployment turned round', () => {
    const graph = destroyGraph(app);
    expect(before(graph, 'staging/Alarms')).toEqual([]);
    expect(before(graph, 'staging/Service')).toEqual(['staging/Alarms']);
    expect(before(graph, 'staging/Data')).toEqual(['staging/Service']);
  });

  test('begins with the last environment of the promotion', () => {
    const of = (name: string) => ({ name, stackIds: app.map(({ id }) => id).filter((id) => id.startsWith(name)) });
    const graph = destroyGraph(app, [of('staging'), of('prod')]);
    expect(before(graph, 'prod/Service')).toEqual([]);
    expect(before(graph, 'promotion:prod')).toEqual(['prod/Data', 'prod/Service']);
    expect(before(graph, 'staging/Alarms')).toEqual(['promotion:prod']);
  });
});
