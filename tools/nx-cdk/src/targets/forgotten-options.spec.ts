import type { ProjectGraph } from '@nx/devkit';
import { refuseForgottenOptions } from './forgotten-options.ts';

const names = ['deploy', 'deploy-prod', 'publish-prod', 'plan', 'gc'];
const targets = Object.fromEntries(names.map((name) => [name, { executor: `nx-cdk:${name.split('-')[0]}` }]));
const graph = {
  nodes: {
    infra: { data: { targets } },
    site: { data: { targets: { serve: { executor: '@nx/web:file-server' } } } },
  },
} as unknown as ProjectGraph;

const check = (command: string) =>
  refuseForgottenOptions({ argv: ['node', 'nx', ...command.split(' ')] }, async () => graph);

test.each([
  ['deploy infra --release=abc -- --targets=1/a', '--release'],
  ['deploy-prod infra --plan plan.json --planDigest=abc -- --targets=1/a', '--plan, --planDigest'],
  ['deploy-prod infra --plan-digest=abc -- --targets=1/a', '--planDigest'],
  ['affected -t deploy-prod --base=main --release=abc -- --targets=1/a', '--release'],
  ['run-many -t deploy-prod -t serve --release=abc -- --targets=1/a', '--release'],
  ['run-many -t publish-prod --release=abc -- --targets=1/a', '--release'],
  ['run infra:deploy --no-rollback --', '--rollback'],
])('nx %s is refused, since Nx would forget an option', async (command, options) => {
  await expect(check(command)).rejects.toThrow(`Nx does not hand on ${options}, since there is a "--"`);
});

test.each([
  'deploy infra --release=abc --targets=1/a',
  'deploy infra -- --release=abc --targets=1/a',
  'affected -t deploy-prod --base=main --head=HEAD --verbose --parallel=3 -- --release=abc --targets=1/a',
  'run-many --targets=deploy-prod,publish-prod -- --release=abc',
  'deploy infra -c local-aws --outputStyle=static -- --release=abc',
  'serve site --release=abc -- --port=1',
])('nx %s is not', async (command) => {
  await check(command);
});

test('the graph is not read without a "--"', async () => {
  const argv = ['node', 'nx', 'deploy', 'infra', '--release=abc'];
  const unread = () => Promise.reject(new Error('read'));
  await refuseForgottenOptions({ argv }, unread);
  await expect(refuseForgottenOptions({ argv: [...argv, '--'] }, unread)).rejects.toThrow('read');
});
