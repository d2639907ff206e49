import {
  type CiStep,
  deploySteps,
  diffStep,
  type Environments,
  proposalStep,
  publishStep,
  stepsWithRoles,
  synthAppsStep,
  synthPipelineStep,
  updateStep,
} from './index.ts';

const ROLE = (kind: string, account: string) =>
  `arn:aws:iam::${account}:role/cdk-own-${kind}-role-${account}-eu-west-1`;
const target = (account: string) => ({ account, region: 'eu-west-1' });
const environment = (name: string, ...accounts: string[]) => ({
  name,
  approval: false,
  executionPolicies: [],
  roles: {},
  targets: accounts.map(target),
});

function given(images = false): Environments {
  return {
    file: '/environments.json',
    qualifier: 'own',
    executionPolicies: [],
    roles: {},
    ci: target('123456789012'),
    pipeline: { name: 'shop', images, approveUpdates: false, cache: true },
    signing: { key: 'arn:aws:kms:eu-west-1:123456789012:key/1', algorithm: 'ECDSA_SHA_256' },
    // Two environments in one account: its roles are named once.
    environments: [environment('staging', '111111111111'), environment('prod', '111111111111', '222222222222')],
  };
}

test('the step that deploys the pipeline publishes and deploys what is signed, as for every app', () => {
  expect(updateStep(given(), 'delivery').signing).toEqual(['kms:Sign', 'kms:Verify']);
  expect(updateStep({ ...given(), signing: undefined }, 'delivery').signing).toBeUndefined();
});

test('a step that looks for drift takes the lookup roles of all targets, where somebody asked for it', () => {
  const names = (steps: readonly CiStep[]) => steps.map(({ name }) => name);
  expect(names(stepsWithRoles(given(), 'github'))).not.toContain('drift');
  const drift = stepsWithRoles(given(), 'github', { drift: true }).find(({ kind }) => kind === 'drift')!;
  expect(drift.assumes).toEqual([ROLE('lookup', '111111111111'), ROLE('lookup', '222222222222')]);
  expect(drift).not.toHaveProperty('record');
  expect(drift.commands({ releases: 'shop=1a' })).toEqual([
    expect.stringMatching(
      /^npx nx run-many -t drift-\S+( drift-\S+)* --excludeTaskDependencies .*--failOnDrift --release=shop=1a$/,
    ),
  ]);
});

test('an environment that exists many times is no part of the promotion: no step publishes or deploys to it', () => {
  const all = given();
  const sandbox = { ...environment('sandbox', '333333333333'), instances: true };
  const withSandbox = { ...all, environments: [sandbox, ...all.environments] };
  const factsOf = (environments: Environments) =>
    stepsWithRoles(environments, 'github', { drift: true }).map(({ commands, ...step }) => ({
      ...step,
      commands: commands(),
    }));
  expect(factsOf(withSandbox)).toEqual(factsOf(all));
});

test('each step that needs a role may take those of its own kind and targets, and no others', () => {
  const steps = stepsWithRoles(given(), 'github');
  expect(steps.map(({ name, assumes, signing, record }) => [name, assumes, signing, record])).toEqual([
    [
      'publish',
      [ROLE('file-publishing', '111111111111'), ROLE('file-publishing', '222222222222')],
      ['kms:Sign'],
      undefined,
    ],
    [
      'diff',
      ['111111111111', '222222222222'].map((account) => `arn:aws:iam::${account}:role/shop-github-diff`),
      undefined,
      undefined,
    ],
    [
      'deploy-staging-111111111111-eu-west-1',
      [ROLE('deploy', '111111111111')],
      ['kms:Verify'],
      '/shop/releases/staging/111111111111-eu-west-1',
    ],
    [
      'deploy-prod-111111111111-eu-west-1',
      [ROLE('deploy', '111111111111')],
      ['kms:Verify'],
      '/shop/releases/prod/111111111111-eu-west-1',
    ],
    [
      'deploy-prod-222222222222-eu-west-1',
      [ROLE('deploy', '222222222222')],
      ['kms:Verify'],
      '/shop/releases/prod/222222222222-eu-west-1',
    ],
  ]);
});

test('images are published by a role of their own, if there are any', () => {
  expect(publishStep(given()).assumes.join()).not.toContain('image-publishing');
  expect(publishStep(given(true))).toMatchObject({ images: true });
  expect(publishStep(given(true)).assumes).toContain(ROLE('image-publishing', '222222222222'));
  expect(updateStep(given(true), 'delivery').assumes).toEqual([
    ROLE('deploy', '123456789012'),
    ROLE('file-publishing', '123456789012'),
    ROLE('image-publishing', '123456789012'),
  ]);
});

test('a deployment asks what was deployed last, deploys what changed since, and then writes it down', () => {
  const [step] = deploySteps(given(), given().environments[1]!);

  expect(step!.commands()).toEqual([
    'NX_BASE="$(npx nx-cdk base --environment=prod --group=111111111111-eu-west-1 --attempt)"',
    'npx nx affected -t deploy-prod --base="$NX_BASE" --head=HEAD --excludeTaskDependencies --outputStyle=static -- --targets=111111111111/eu-west-1',
    'npx nx-cdk record --environment=prod --group=111111111111-eu-west-1',
  ]);
  expect(
    step!.commands({
      group: '"$GROUP"',
      targets: '"$TARGETS"',
      environmentsFile: 'e.json',
      commit: 'abc',
      releases: '"$RELEASES"',
    }),
  ).toEqual([
    'NX_BASE="$(npx nx-cdk base --environment=prod --group="$GROUP" --environmentsFile=e.json --attempt)"',
    expect.stringMatching(/ -- --release="\$RELEASES" --targets="\$TARGETS"$/),
    'npx nx-cdk record --environment=prod --group="$GROUP" --environmentsFile=e.json --commit=abc --releases="$RELEASES"',
  ]);
});

test('the pipeline is synthesized where no other app runs', () => {
  expect(synthPipelineStep('delivery')).toMatchObject({ name: 'synth-pipeline', assumes: [] });
  expect(synthPipelineStep('delivery').commands()).toEqual(['npx nx synth delivery --outputStyle=static']);
  expect(synthAppsStep('delivery')).toMatchObject({ name: 'synth', assumes: [] });
  expect(synthAppsStep('delivery').commands()).toEqual([
    'npx nx run-many -t synth --outputStyle=static --exclude=delivery',
  ]);
});

test('what was released goes with each command that publishes or deploys', () => {
  const [first] = deploySteps(given(), given().environments[0]!);
  const steps = [
    publishStep(given()),
    publishStep(given(), [given().environments[1]!.targets[0]!]),
    updateStep(given(), 'delivery'),
    first!,
  ];

  for (const step of steps) {
    const commands = step.commands({ releases: '"$RELEASES"' }).filter((command) => command.startsWith('npx nx '));
    expect(commands).not.toEqual([]);
    for (const command of commands) expect(command).toMatch(/ --release="\$RELEASES"( |$)/);
  }
});

test('a step deploys by itself what no other step of its environment does', () => {
  const [step] = deploySteps(given(), given().environments[0]!);
  expect(step!.commands().join('\n')).not.toContain('--targets');
});

test('a diff takes a role that only reads templates, in each account once, and in the CI account its own', () => {
  const ci = given().environments[1]!.targets[1]!;
  expect(diffStep(given(), 'gitlab')).toMatchObject({ templates: true });
  expect(diffStep({ ...given(), ci }, 'gitlab').assumes).toEqual(['arn:aws:iam::111111111111:role/shop-gitlab-diff']);
});

test('a diff is of what was handed over, by the tools of the workspace', () => {
  expect(proposalStep().commands()).toEqual([
    'npx nx affected -t synth --base="$BASE" --head=HEAD --outputStyle=static',
  ]);
  expect(diffStep(given(), 'gitlab').commands({ assemblies: '../assemblies', reports: '../reports' })).toEqual([
    'npx nx-cdk diff --folder=../assemblies --role=shop-gitlab-diff --reports=../reports',
  ]);
});
