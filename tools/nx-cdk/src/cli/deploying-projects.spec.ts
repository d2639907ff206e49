import type { ProjectGraph } from '@nx/devkit';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { assemblyDigests, deployingProjects, namedDigests } from './deploying-projects.ts';

let workspace: TemporaryWorkspace;
beforeAll(() => {
  workspace = temporaryWorkspace({
    'apps/infra/cdk.out/manifest.json': { version: '36.0.0' },
    'dist/shop/manifest.json': { version: '36.0.0', artifacts: {} },
  });
});
afterAll(() => workspace.dispose());

const deploys = (environment: string, more = {}) => ({ executor: 'nx-cdk:deploy', options: { environment, ...more } });
const node = (name: string, targets: object) => ({ name, type: 'app', data: { root: `apps/${name}`, targets } });
const GRAPH = {
  nodes: {
    shop: node('shop', { 'ship-prod': deploys('prod', { assembly: '../../dist/shop' }), 'ship-qa': deploys('qa') }),
    infra: node('infra', { deploy: { executor: 'nx-cdk:deploy' }, 'deploy-prod': deploys('prod') }),
    pipeline: node('pipeline', { deploy: { executor: 'nx-cdk:deploy' } }),
    site: node('site', { 'deploy-prod': { executor: 'nx:run-commands' } }),
    handlers: node('handlers', {}),
  },
} as unknown as ProjectGraph;

test('the projects that deploy to an environment are those with a target for it, whatever it is called', () => {
  expect(deployingProjects(GRAPH, '/w', 'prod')).toEqual([
    { name: 'infra', assembly: '/w/apps/infra/cdk.out' },
    { name: 'shop', assembly: '/w/dist/shop' },
  ]);
  expect(deployingProjects(GRAPH, '/w', 'staging')).toEqual([]);
});

test('each has the digest of its own assembly', async () => {
  const digests = await assemblyDigests(deployingProjects(GRAPH, workspace.root, 'prod'));
  expect(Object.keys(digests)).toEqual(['infra', 'shop']);
  expect(new Set(Object.values(digests)).size).toBe(2);
});

test('one without an assembly is named, with the command that makes it', async () => {
  await expect(assemblyDigests(deployingProjects(GRAPH, workspace.root, 'qa'))).rejects.toMatchObject({
    code: 'NoAssembly',
    message: expect.stringMatching(
      /^shop: \S+\/apps\/shop\/cdk\.out holds no cloud assembly: synthesize first \(nx synth shop\)\.$/,
    ),
  });
});

describe('where a release was deployed by its digest', () => {
  const [infra, shop, pipeline] = ['1', '2', '3'].map((digit) => digit.repeat(64));
  const projects = deployingProjects(GRAPH, '/nowhere', 'prod');

  test('each project has the one that the list names, and the others of the list are left out', () => {
    expect(namedDigests(projects, `infra=${infra},pipeline=${pipeline},shop=${shop}`)).toEqual({ infra, shop });
  });

  test.each([
    [`infra=${infra}`, '--releases names no release of shop'],
    [infra!, 'names no release of a project'],
    [`infra=${infra},shop=${shop!.slice(1)}`, 'names no release of a project'],
  ])('a list that does not say it is refused: %s', (releases, what) => {
    expect(() => namedDigests(projects, releases)).toThrow(
      expect.objectContaining({ code: 'BadRelease', message: expect.stringContaining(what) }),
    );
  });
});
