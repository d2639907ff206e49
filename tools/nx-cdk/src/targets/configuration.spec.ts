import type { ProjectGraph } from '@nx/devkit';
import { checkConfiguration } from './configuration.ts';

const configurations = { 'local-aws': {} };
const graph = {
  nodes: {
    infra: {
      data: {
        targets: {
          build: { executor: 'nx:run-script', configurations: { production: {} } },
          synth: { executor: 'nx-cdk:synth' },
          publish: { executor: 'nx-cdk:publish', configurations },
          deploy: { executor: 'nx-cdk:deploy', configurations: { ...configurations, own: {} } },
        },
      },
    },
    web: { data: { targets: { build: { executor: 'x:y', configurations: { production: {} } } } } },
  },
} as unknown as ProjectGraph;

async function check(command: string, environment: NodeJS.ProcessEnv = {}) {
  await checkConfiguration({ argv: ['node', 'nx', ...command.split(' ')] }, async () => graph, environment);
  return environment['NX_CDK_CONFIGURATION'];
}

describe('a configuration that no target knows', () => {
  test.each([
    'deploy infra -c local-awz',
    'deploy infra -c=local-awz',
    '-c local-awz deploy infra',
    'deploy infra --verbose --configuration local-awz',
    'run infra:deploy:local-awz',
    'run infra:deploy -c local-awz',
    'infra:deploy:local-awz',
    'run-many -t deploy -c local-awz',
    'run-many --targets=publish,deploy --configuration=local-awz',
    'affected -t build deploy -c production',
  ])('is refused: nx %s', async (command) => {
    await expect(check(command)).rejects.toThrow(
      /^No target .*deploy has the configuration "\S+": there (is|are) .*local-aws/,
    );
  });

  test('is named with those that there are', async () => {
    await expect(check('publish infra -c prod')).rejects.toThrow(
      'No target publish has the configuration "prod": there is local-aws. ' +
        'Configurations are an option of nx-cdk/plugin in nx.json.',
    );
  });

  test.each([
    ['is known', 'deploy infra -c local-aws'],
    ['is known to one of them', 'run-many -t deploy publish -c own'],
    ['is not about AWS', 'run-many -t build -c production'],
    ['is that of another tool behind --', 'deploy infra -- -c whatever'],
    ['is not given', 'deploy infra'],
  ])('does not matter if it %s: nx %s', async (_, command) => {
    await expect(check(command)).resolves.toBeDefined();
  });
});

test('each task is told which configuration was given, and that of an outer command is forgotten', async () => {
  expect(await check('deploy infra -c local-aws')).toBe('local-aws');
  expect(await check('deploy infra', { NX_CDK_CONFIGURATION: 'local-aws' })).toBe('');
});
