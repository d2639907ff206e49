import type { AppFacts } from './app.ts';
import { inferTargets } from './infer-targets.ts';

/** An app of two environments, of which one exists many times. */
const APP: AppFacts = {
  root: 'apps/shop',
  name: 'shop',
  isNamed: true,
  tags: [],
  sources: 'production',
  dependencySources: '^production',
  cdkJson: { app: 'x', output: 'build/cdk' },
  environments: [
    { name: 'sandbox', instances: true },
    { name: 'prod', instances: false },
  ],
  defaultInstance: 'ada',
  environmentsFile: 'environments.json',
  pipelineFile: undefined,
  ownSources: false,
};
const OPTIONS = { environment: 'sandbox', environmentsFile: 'environments.json', instance: 'ada' };
const { targets, metadata } = inferTargets(APP);
const of = (name: string) => targets![name]!;

test('each instance is synthesized on its own, into a folder of its own', () => {
  expect(of('synth-sandbox')).toMatchObject({
    executor: 'nx-cdk:synth',
    cache: true,
    options: OPTIONS,
    inputs: expect.arrayContaining(['!{projectRoot}/.instances/**/*']),
    outputs: ['{projectRoot}/.instances/sandbox/{options.instance}/cdk.out'],
  });
});

test.each([
  ['publish-sandbox', 'synth-sandbox'],
  ['deploy-sandbox', 'publish-sandbox'],
  ['plan-sandbox', 'publish-sandbox'],
  ['diff-sandbox', 'synth-sandbox'],
  ['drift-sandbox', 'synth-sandbox'],
  ['rollback-sandbox', 'synth-sandbox'],
])('%s is about one instance, and hands it to %s', (name, before) => {
  expect(of(name).dependsOn).toEqual([{ target: before, params: 'forward' }]);
  expect(of(name).options).toEqual(OPTIONS);
});

test('an instance is deleted without the app, and its environment bootstrapped as any other', () => {
  expect(of('destroy-sandbox')).toMatchObject({ dependsOn: [], options: OPTIONS });
  expect(of('bootstrap-sandbox').options).not.toHaveProperty('instance');
});

test('all instances are listed, and deleted when their time is over, without a synthesis', () => {
  expect(metadata!.targetGroups!['CDK']).toEqual(expect.arrayContaining(['sandboxes', 'reap']));
  expect(of('sandboxes').dependsOn).toEqual([]);
  expect(of('reap').dependsOn).toEqual([]);
});

test('nx dev knows the instance of whoever works here, and takes another one', () => {
  expect(of('dev').options).toEqual({ environmentsFile: 'environments.json', defaultInstance: 'ada' });
});

test('what exists once stays as it is', () => {
  expect(of('deploy-prod')).toMatchObject({ dependsOn: ['publish-prod'] });
  expect(of('deploy-prod').options).not.toHaveProperty('instance');
  const once = inferTargets({ ...APP, environments: [{ name: 'prod', instances: false }] });
  expect(Object.keys(once.targets!)).not.toEqual(expect.arrayContaining(['reap']));
});
