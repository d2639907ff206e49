import { appsOf, type Projects } from './apps.ts';

const configurations = { 'local-aws': { requireEndpoint: true } };
const PROJECTS: Projects = {
  shop: {
    targets: {
      'bootstrap-staging': { executor: 'nx-cdk:bootstrap', configurations },
      bootstrap: { executor: 'nx-cdk:bootstrap', configurations },
      'ship-staging': { executor: 'nx-cdk:deploy', configurations },
      ship: { executor: 'nx-cdk:deploy', configurations },
    },
  },
  blog: { targets: { bootstrap: { executor: 'nx-cdk:bootstrap' }, deploy: { executor: 'nx-cdk:deploy' } } },
  web: { targets: { build: { executor: '@nx/js:tsc' } } },
};
const exec = (command: string) => `pnpm exec ${command}`;

test('an app has the targets for all environments, whatever the workspace calls them', () => {
  expect(appsOf(PROJECTS, ['shop'], exec)).toEqual([{ project: 'shop', bootstrap: 'bootstrap', deploy: 'ship' }]);
});

test.each<[string, string, Projects]>([
  ['shopp is no project of this workspace: there are shop, blog.', 'shopp', PROJECTS],
  ['web is no CDK app of nx-cdk: there are shop, blog.', 'web', PROJECTS],
  [
    'web is no CDK app of nx-cdk: this workspace has none: add one with "pnpm exec nx g nx-cdk:app", or nx-cdk itself with "pnpm exec nx add nx-cdk".',
    'web',
    { web: PROJECTS['web']! },
  ],
  [
    'The targets of blog have no configuration "local-aws", by which they use the local AWS: add it to nx.json with "pnpm exec nx g nx-cdk:init".',
    'blog',
    PROJECTS,
  ],
])('"%s"', (sentence, project, projects) => {
  expect(() => appsOf(projects, [project], exec)).toThrow(new Error(sentence));
});
