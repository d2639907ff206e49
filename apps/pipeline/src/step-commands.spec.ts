import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeploymentEnvironment, deploySteps, publishStep, updateStep } from '@libs/environments';
import { laterCommands, synthCommands } from './step-commands.ts';
import { environment, PROD, STAGING, testEnvironments } from './testing/test-app.ts';

const update = laterCommands(updateStep(testEnvironments()));

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'step-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** What the commands do here, one shell for all of them, the first failure being the end, as in CodeBuild. */
function run(commands: readonly string[], variables: Record<string, string> = {}, cwd = folder) {
  return spawnSync('sh', ['-c', commands.map((command) => `{ ${command}\n} || exit $?`).join('\n')], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, ...variables },
  });
}

const git = (...args: string[]) =>
  spawnSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
    cwd: folder,
    encoding: 'utf8',
  }).stdout.trim();

const released = () => readFileSync(join(folder, '.git/released-commit'), 'utf8').trim();
const [ensureRepository = ''] = synthCommands().install;

describe('the source', () => {
  beforeEach(() => {
    writeFileSync(join(folder, 'a'), 'a');
    writeFileSync(join(folder, '.gitignore'), 'node_modules/\n');
  });

  test('with its history stays as it is, and its commit is what is released', () => {
    git('init', '--quiet');
    git('add', '--all');
    git('commit', '--quiet', '--message=first');
    const head = git('rev-parse', 'HEAD');

    expect(run([ensureRepository], { CODEBUILD_RESOLVED_SOURCE_VERSION: 'arn:of:an:artifact' }).status).toBe(0);

    expect(git('rev-list', '--all')).toBe(head);
    expect(released()).toBe(head);
    expect(git('status', '--porcelain')).toBe('');
  });

  test('without history becomes a repository of one commit, and what is released is the commit of the source', () => {
    expect(run([ensureRepository], { CODEBUILD_RESOLVED_SOURCE_VERSION: COMMIT })).toMatchObject({ status: 0 });

    expect(git('rev-list', '--count', 'HEAD')).toBe('1');
    expect(git('ls-files').split('\n')).toEqual(['.gitignore', 'a']);
    expect(git('status', '--porcelain')).toBe('');
    expect(released()).toBe(COMMIT);
  });

  test('that is a zip with a version which is no commit releases the new commit', () => {
    run([ensureRepository], { CODEBUILD_RESOLVED_SOURCE_VERSION: 'Zm9yIGEgdmVyc2lvbg' });
    expect(released()).toBe(git('rev-parse', 'HEAD'));
  });

  test('in a folder of another repository is none of that repository', () => {
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '--message=other');
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    writeFileSync(join(inner, 'b'), 'b');

    expect(run([ensureRepository], { CODEBUILD_RESOLVED_SOURCE_VERSION: COMMIT }, inner).status).toBe(0);

    expect(readFileSync(join(inner, '.git/released-commit'), 'utf8').trim()).toBe(COMMIT);
  });

  test('that cannot be committed fails the step', () => {
    rmSync(join(folder, 'a'));
    rmSync(join(folder, '.gitignore'));
    expect(run([ensureRepository], { CODEBUILD_RESOLVED_SOURCE_VERSION: COMMIT }).status).not.toBe(0);
  });
});

describe('what Synth hands over', () => {
  const pack = synthCommands().build.slice(2);

  test('is one archive without itself, caches and what explains packages, which the next step unpacks where it is', () => {
    for (const path of [
      '.git',
      'node_modules/.bin',
      '.npm-cache',
      '.nx/cache',
      '.nx/workspace-data',
      'node_modules/.cache',
      '.toolchains',
      'libs/handlers/x/target',
      'apps/x/cdk.out',
    ]) {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, 'file'), path);
    }
    const packages = 'node_modules/@scope/name/dist';
    mkdirSync(join(folder, packages), { recursive: true });
    const explained = ['index.d.ts', 'index.js.map', 'README.md'].map((name) => `${packages}/${name}`);
    for (const file of ['.nx/workspace-data/cache.db', 'README.md', `${packages}/index.js`, ...explained]) {
      writeFileSync(join(folder, file), '');
    }
    expect(run(pack)).toMatchObject({ status: 0, stderr: '' });

    const next = join(folder, 'handover');
    const { status, stdout } = run([...update.install, 'echo "$PATH"'], {}, next);

    expect(status).toBe(0);
    expect(stdout.startsWith(`${next}/node_modules/.bin:`)).toBe(true);
    for (const path of ['.git', 'node_modules/.bin', '.nx/workspace-data', 'apps/x/cdk.out']) {
      expect(readFileSync(join(next, path, 'file'), 'utf8')).toBe(path);
    }
    for (const path of ['README.md', `${packages}/index.js`]) expect(existsSync(join(next, path))).toBe(true);
    for (const path of [
      ...explained,
      'workspace.tar.gz',
      'handover',
      '.npm-cache',
      '.nx/cache',
      '.nx/workspace-data/cache.db',
      'node_modules/.cache',
      '.toolchains',
      'libs/handlers/x/target',
    ]) {
      expect(existsSync(join(next, path))).toBe(false);
    }
  });
});

describe('a deploy step', () => {
  const commandsFor = (deployed: DeploymentEnvironment) =>
    laterCommands(deploySteps(testEnvironments({}, [deployed]), deployed)[0]!).build;
  /** A stand-in for `npx` in front of the PATH, which writes down what it is called with. */
  function given(base: string): Record<string, string> {
    const script = `#!/bin/sh\necho "$* [$NX_BASE]" >> ${folder}/calls\ncase "$*" in nx-cdk\\ base*) ${base};; nx\\ affected*boom*) exit 3;; esac\n`;
    writeFileSync(join(folder, 'npx'), script, { mode: 0o755 });
    mkdirSync(join(folder, '.git'));
    writeFileSync(join(folder, '.git/released-commit'), `${COMMIT}\n`);
    return { PATH: `${folder}:${process.env['PATH']}` };
  }
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

  test('asks what was released, deploys what has changed since, and only then writes down the commit', () => {
    const variables = given('echo base-commit');
    expect(run(commandsFor(environment('prod', [PROD])), variables).status).toBe(0);
    const which = '--environment=prod --group=222222222222-us-east-1';
    expect(calls()).toEqual([
      `nx-cdk base ${which} --attempt []`,
      'nx affected -t deploy-prod --base=base-commit --head=HEAD --excludeTaskDependencies --outputStyle=static []',
      `nx-cdk record ${which} --commit=${COMMIT} []`,
    ]);
  });

  test('that is not told what was released does nothing more', () => {
    const variables = given('exit 1');
    expect(run(commandsFor(environment('prod', [PROD])), variables).status).toBe(1);
    expect(calls()).toHaveLength(1);
  });

  test('that fails to deploy records nothing', () => {
    const variables = given('echo base-commit');
    expect(run(commandsFor(environment('boom', [PROD])), variables).status).toBe(3);
    expect(calls().filter((call) => call.includes('record'))).toEqual([]);
  });

  test('of a part of the environment names its targets, behind what Nx takes for its own', () => {
    const targets = [STAGING, PROD, { ...PROD, region: 'eu-west-1' }];
    const build = commandsFor(environment('prod', targets, { parallelActions: 2 }));
    const affected = build.find((command) => command.includes('affected'));
    expect(affected).toMatch(/ --outputStyle=static -- --targets=111111111111\/eu-west-1,222222222222\/us-east-1$/);
  });
});

describe('a publish step', () => {
  const environments = testEnvironments({}, [environment('staging', [STAGING]), environment('prod', [STAGING, PROD])]);

  test('publishes all environments at once', () => {
    expect(publishStep(environments).commands()).toEqual([
      'npx nx run-many -t publish-staging publish-prod --excludeTaskDependencies --outputStyle=static',
    ]);
  });

  test('of some targets gives each environment those that it has', () => {
    expect(publishStep(environments, [PROD]).commands()).toEqual([
      'npx nx run-many -t publish-prod --excludeTaskDependencies --outputStyle=static -- --targets=222222222222/us-east-1',
    ]);
    expect(publishStep(environments, [STAGING]).commands()).toHaveLength(2);
  });
});

test('nothing is installed but in Synth', () => {
  const [prod] = testEnvironments().environments;
  const steps = [publishStep(testEnvironments()), ...deploySteps(testEnvironments(), prod!)];
  const later = [update, ...steps.map(laterCommands)];
  for (const { install, build } of later) expect([...install, ...build].join('\n')).not.toMatch(/npm |npx .*@/);
  expect(synthCommands()).toMatchObject({
    install: [
      expect.anything(),
      expect.stringContaining('dnf install -y -q cargo'),
      'npm ci --ignore-scripts --no-audit --no-fund --cache .npm-cache',
      expect.anything(),
    ],
    build: [
      'npx nx run-many -t synth --outputStyle=static',
      'npm prune --omit=dev --ignore-scripts',
      expect.anything(),
      expect.anything(),
    ],
  });
});
