import { inferTargets } from './infer-targets.ts';

const app = (environmentsFile: string | undefined) =>
  ({ root: 'apps/shop', name: 'shop', cdkJson: { app: 'x' }, environments: ['staging'], environmentsFile }) as never;

test('an app of environments may bring edits to one of them: the file says to which', () => {
  const { targets } = inferTargets(app('environments.json'), { allow: ['executables'] });
  expect(targets!['dev']).toMatchObject({
    executor: 'nx-cdk:dev',
    cache: false,
    // it builds and synthesizes by itself, again and again
    dependsOn: [],
    options: { environmentsFile: 'environments.json', allow: ['executables'] },
  });
  expect(targets).not.toHaveProperty('dev-staging');
});

test('an app without environments has no such target', () => {
  expect(inferTargets(app(undefined)).targets).not.toHaveProperty('dev');
});
