import type { PostTasksExecutionContext } from '@nx/devkit';
import { failAsFailure } from './exit-code.ts';

const graph = () => {
  const targets = { publish: { executor: 'nx-cdk:publish' }, deploy: { executor: 'nx-cdk:deploy' } };
  return { nodes: { shop: { data: { targets } }, web: { data: { targets: { test: { executor: 'x:y' } } } } } } as never;
};

/** What Nx is told after the tasks of a command, as `project:target: status`; undefined lets it exit as it would. */
async function told(command: string, statuses: Readonly<Record<string, string>>, version = '23.2.1') {
  const results = Object.entries(statuses).map(([id, status]) => {
    const [project, target] = id.split(':');
    return [id, { task: { target: { project, target } }, status }];
  });
  const taskResults = Object.fromEntries(results) as PostTasksExecutionContext['taskResults'];
  const nx = async () => ({ version, readCachedProjectGraph: graph });
  try {
    await failAsFailure({ argv: ['node', 'nx', ...command.split(' ')], taskResults }, nx);
    return undefined;
  } catch (error) {
    // Nx would offer a stack trace otherwise
    expect((error as Error).stack).toBe('');
    return (error as Error).message;
  }
}

const REFUSED = { 'shop:synth': 'success', 'shop:publish': 'failure' };

describe('a failed task that left others undone, which Nx takes for an interruption', () => {
  test.each([
    ['deploy shop', '22.7.10'],
    ['run shop:deploy', '23.2.1'],
    ['run-many -t deploy', '23.3.2'],
    ['affected -t test deploy', '23.3.2'],
  ])('makes nx %s of Nx %s a failure', async (command, version) => {
    expect(await told(command, REFUSED, version)).toBe('Failed: shop:publish. What depends on it was not run.');
  });

  test('is left to Nx where it knows better', async () => {
    expect(await told('deploy shop', REFUSED, '24.0.6')).toBeUndefined();
  });

  test('is left to Nx in a command that is not about this plugin', async () => {
    expect(await told('test web', { 'api:build': 'failure' })).toBeUndefined();
  });
});

test.each([
  ['what was asked for has failed itself', 'publish shop', REFUSED],
  ['all is well', 'deploy shop', { 'shop:publish': 'success', 'shop:deploy': 'success' }],
  ['all came from the cache', 'deploy shop', { 'shop:synth': 'local-cache' }],
  ['Ctrl-C stopped what ran', 'deploy shop', { 'shop:synth': 'success', 'shop:publish': 'stopped' }],
  ['Ctrl-C came after a failure', 'run-many -t deploy', { ...REFUSED, 'web:test': 'stopped' }],
])('Nx exits as it would if %s', async (_, command, statuses) => {
  expect(await told(command, statuses)).toBeUndefined();
});
