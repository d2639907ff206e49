import { type Environments, parseEnvironments, sandboxSteps, stepsWithRoles } from './index.ts';

const target = (account: string, region = 'eu-west-1') => ({ account, region });
const STAGING = target('111111111111');
const SANDBOX = target('333333333333');

function given(more: object = {}, environments: readonly object[] = []): Environments {
  const sandbox = { name: 'sandbox', instances: true, targets: [SANDBOX] };
  const all = [{ name: 'staging', targets: [STAGING] }, sandbox, ...environments];
  return parseEnvironments(
    JSON.stringify({ ci: target('123456789012'), pipeline: { name: 'shop' }, environments: all, ...more }),
    'environments.json',
  );
}

const role = (kind: string, { account, region } = SANDBOX) =>
  `arn:aws:iam::${account}:role/cdk-hnb659fds-${kind}-role-${account}-${region}`;

test('a sandbox is published and deployed by a role each, which reach its accounts and no other', () => {
  const steps = stepsWithRoles(given(), 'github', { sandboxes: 'sandbox' });
  const facts = (all: typeof steps) => all.map(({ name, assumes }) => [name, assumes] as const);
  expect(facts(steps.filter(({ kind }) => kind === 'sandbox'))).toEqual([
    ['publish-sandbox', [role('file-publishing')]],
    ['deploy-sandbox', [role('deploy')]],
  ]);
  // And nobody else reaches them.
  const others = steps.filter(({ kind }) => kind !== 'sandbox');
  expect(facts(others)).toEqual(facts(stepsWithRoles(given(), 'github')));
  expect(JSON.stringify(facts(others))).not.toContain(SANDBOX.account);
  for (const { record, signing, templates } of steps.filter(({ kind }) => kind === 'sandbox')) {
    expect([record, signing, templates]).toEqual([undefined, undefined, undefined]);
  }
});

test('removing and reaping take the role that deploys, and no assembly', () => {
  const { deploy, remove, reap } = sandboxSteps(given(), 'sandbox');
  for (const { name, assumes } of [remove, reap]) expect([name, assumes]).toEqual([deploy.name, deploy.assumes]);
  const words = { instance: '"$INSTANCE"', releases: '"$RELEASES"' };
  expect(remove.commands(words)).toEqual([
    'npx nx run-many -t destroy-sandbox --instance="$INSTANCE" --force --excludeTaskDependencies --outputStyle=static',
  ]);
  expect(reap.commands(words)).toEqual([
    'npx nx run-many -t reap --environment=sandbox --yes --excludeTaskDependencies --outputStyle=static',
  ]);
});

test('what was handed over is deployed and nothing else, and expires', () => {
  const { synth, publish, deploy } = sandboxSteps(given(), 'sandbox', '3d');
  expect(synth.assumes).toEqual([]);
  expect(synth.commands()).toEqual(['npx nx run-many -t synth-sandbox --instance="$INSTANCE" --outputStyle=static']);
  const words = { releases: '"$RELEASES"', commit: '"$COMMIT"' };
  const alone = '--excludeTaskDependencies --outputStyle=static --release="$RELEASES"';
  expect(publish.commands(words)).toEqual([
    `npx nx run-many -t publish-sandbox --projects="$PROJECTS" --instance="$INSTANCE" ${alone}`,
  ]);
  expect(deploy.commands(words)).toEqual([
    `npx nx run-many -t deploy-sandbox --projects="$PROJECTS" --instance="$INSTANCE" --expires=3d --commit="$COMMIT" --outputsFile=outputs/{projectName}.json ${alone}`,
  ]);
});

test('images are published by a role of their own there too, if there are any', () => {
  const { publish } = sandboxSteps(given({ pipeline: { name: 'shop', images: true } }), 'sandbox');
  expect([publish.images, publish.assumes]).toEqual([true, [role('file-publishing'), role('image-publishing')]]);
});

describe('refused is, since a pull request can do there all that the execution role can,', () => {
  const refusal = (environments: Environments, name = 'sandbox') => {
    try {
      sandboxSteps(environments, name);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('an account of another environment, also in another region', () => {
    const prod = { name: 'prod', targets: [target(SANDBOX.account, 'us-east-1')] };
    expect(refusal(given({}, [prod]))).toMatch(/^The account 333333333333 of sandbox is also an account of prod: /);
  });

  test('an account of another environment with instances: they are those of people', () => {
    const people = { name: 'people', instances: true, targets: [target(SANDBOX.account, 'us-east-1')] };
    expect(refusal(given({}, [people]))).toMatch(/is also an account of people/);
  });

  test('the CI account', () => {
    expect(refusal(given({ ci: target(SANDBOX.account, 'us-east-1') }))).toMatch(/is also the CI account/);
  });

  test('an environment that exists once, or not at all', () => {
    expect(refusal(given(), 'staging')).toMatch(/staging of \S+ has no "instances": true; sandbox has\./);
    expect(refusal(given(), 'other')).toMatch(/other of \S+ has no "instances": true/);
  });

  test('a workspace whose releases are signed', () => {
    const signing = { key: 'arn:aws:kms:eu-west-1:123456789012:key/1a2b3c4d-0000-4000-8000-000000000001' };
    expect(refusal(given({ signing }))).toMatch(/must not sign with the key of the branch/);
  });

  test('nothing of an environment with accounts of its own', () => {
    expect(refusal(given())).toBeUndefined();
  });
});
