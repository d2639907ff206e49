import type { ProjectGraph } from '@nx/devkit';
import { isLeftOut } from '../inputs/index.ts';
import { tellStoredRelease } from './stored-release.ts';

const DIGEST = 'ab'.repeat(32);
const names = ['synth', 'publish', 'deploy', 'deploy-prod', 'plan', 'diff', 'destroy', 'rollback'];
const targets = Object.fromEntries(names.map((name) => [name, { executor: `nx-cdk:${name.split('-')[0]}` }]));
const graph = {
  nodes: {
    infra: { data: { targets } },
    server: { data: { targets: { build: { executor: 'x:cargo' }, deploy: { executor: 'x:deploy' } } } },
  },
} as unknown as ProjectGraph;

async function told(command: string, environment: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
  await tellStoredRelease({ argv: ['node', 'nx', ...command.split(' ')] }, async () => graph, environment);
  return environment;
}

test.each([
  `deploy infra --release=${DIGEST}`,
  `deploy infra --release ${DIGEST}`,
  `run infra:deploy --release=${DIGEST}`,
  `deploy-prod infra --release=infra=${DIGEST}`,
  `plan infra --release=${DIGEST} -c local-aws`,
  `destroy infra --release=${DIGEST}`,
  `diff infra --release=${DIGEST}`,
  `rollback infra --release=${DIGEST}`,
  `run-many -t deploy -- --release=infra=${DIGEST}`,
])('nx %s needs neither synth nor publish, and is done itself', async (command) => {
  const environment = await told(command);
  expect(['synth', 'publish', 'publish-prod'].map((target) => isLeftOut(environment, target))).toEqual([
    true,
    true,
    true,
  ]);
  const own = /deploy-prod|deploy|diff|plan|destroy|rollback/.exec(command)![0];
  expect(isLeftOut(environment, own)).toBe(false);
});

test.each([
  'deploy infra',
  // It needs the assets.
  `publish infra --release=${DIGEST}`,
  `run-many -t publish deploy --release=${DIGEST}`,
  `run-many -t publish -t deploy --release=${DIGEST}`,
  `run-many --targets=publish --target deploy --release=${DIGEST}`,
  // An option of somebody else
  'build server --release',
  'release --release=1.0.0',
  'show projects',
])('with nx %s everything is done', async (command) => {
  const environment = await told(command);
  expect(['synth', 'publish', 'deploy'].map((target) => isLeftOut(environment, target))).toEqual([false, false, false]);
});

test('what an outer command was told is forgotten', async () => {
  const environment = await told(`deploy infra --release=${DIGEST}`);
  await told('deploy infra', environment);
  expect(isLeftOut(environment, 'synth')).toBe(false);
});
