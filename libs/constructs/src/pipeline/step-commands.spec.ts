import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type CiStep,
  type DeploymentEnvironment,
  deploySteps,
  publishStep,
  synthAppsStep,
  updateStep,
} from '@nx-cdk/environments';
import { deployCommands, publishCommands, synthCommands, toolsCommands } from './step-commands.ts';
import { environment, PROD, STAGING, testEnvironments, testWorkspace } from './testing/test-app.ts';
import { readWorkspace } from './workspace.ts';

const workspace = readWorkspace({ workspace: testWorkspace(), project: 'pipeline' });
const synth = synthCommands(synthAppsStep('pipeline'), workspace);
const publishing = (step: CiStep) => publishCommands(step, 'Assemblies');
const update = publishing(updateStep(testEnvironments(), 'pipeline'));
const [toProd] = deploySteps(testEnvironments(), testEnvironments().environments[1]!);
const deploy = deployCommands(toProd!);

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
const [ensureRepository = ''] = toolsCommands(workspace).install;

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

describe('what later steps get', () => {
  const at = (...path: string[]) => join(folder, ...path);
  const write = (file: string, content = file) => {
    mkdirSync(dirname(at(file)), { recursive: true });
    writeFileSync(at(file), content);
  };
  /** What a step tells, once its archive is made. */
  function told(commands: readonly string[], variable: string, cwd: string): string {
    const { status, stdout, stderr } = run([...commands, `echo "$${variable}"`], {}, cwd);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.trim();
  }
  /** What CodeBuild leaves to a later step: two folders with an archive each. The `npx` of Tools notes its calls. */
  function given(): Record<string, string> {
    const npx = `#!/bin/sh\necho "of Tools: $*" >> ${at('calls')}\n`;
    for (const file of ['.git/released-commit', 'apps/x/cdk.json']) write(`tools/${file}`);
    write('tools/node_modules/.bin/npx', npx);
    chmodSync(at('tools/node_modules/.bin/npx'), 0o755);
    write('synth/assemblies/infra/manifest.json');
    const WORKSPACE = told(toolsCommands(workspace).build, 'WORKSPACE', at('tools'));
    const ASSEMBLIES = told(synth.build.slice(3), 'ASSEMBLIES', at('synth'));
    for (const name of ['later', 'from-synth']) mkdirSync(at(name));
    renameSync(at('tools/handover/workspace.tar.gz'), at('later/workspace.tar.gz'));
    renameSync(at('synth/handover/assemblies.tar.gz'), at('from-synth/assemblies.tar.gz'));
    return { WORKSPACE, ASSEMBLIES, RELEASES: 'infra=1', CODEBUILD_SRC_DIR_Assemblies: at('from-synth') };
  }
  const install = (variables: Record<string, string>) => run(update.install, variables, at('later'));

  test('from Tools is the workspace with its tools, and from Synth the assemblies, in a folder beside it', () => {
    expect(install(given())).toMatchObject({ status: 0, stderr: '' });

    expect(readdirSync(at('later')).toSorted()).toEqual(['.git', 'apps', 'node_modules']);
    expect(existsSync(at('from-synth/assemblies/infra/manifest.json'))).toBe(true);
    expect(readFileSync(at('calls'), 'utf8')).toBe(
      `of Tools: nx-cdk take-over --folder=${at('from-synth/assemblies')} --releases=infra=1\n`,
    );
  });

  test('from Tools has no caches, and not what only explains packages', () => {
    const packages = 'node_modules/@scope/name/dist';
    const left = [`${packages}/index.d.ts`, `${packages}/index.js.map`, `${packages}/README.md`, '.npm-cache/x'];
    for (const file of [...left, `${packages}/index.js`, 'README.md', 'types.d.ts']) write(`tools/${file}`);

    expect(install(given())).toMatchObject({ status: 0 });

    for (const file of [...left, 'handover', 'workspace.tar.gz']) expect(existsSync(at('later', file))).toBe(false);
    for (const file of [`${packages}/index.js`, 'README.md', 'types.d.ts']) {
      expect(existsSync(at('later', file))).toBe(true);
    }
  });

  test('from Synth never lies over the workspace, whatever its archive holds', () => {
    const variables = given();
    const archive = at('from-synth/assemblies.tar');
    for (const file of ['hostile/.env', 'hostile/.bin/npx', 'other/apps/x/cdk.json']) write(file, 'rewritten');
    symlinkSync(at('later'), at('hostile/link'));
    symlinkSync(at('later/node_modules'), at('hostile/packages'));
    const { status, stdout } = run([
      // A link, and a file behind it; the same by a path that leads out.
      `tar -cf ${archive} -C ${at('hostile')} link packages`,
      `tar -rPf ${archive} -C ${at('other')} --transform='s,^,link/,' apps/x/cdk.json`,
      `tar -rPf ${archive} -C ${at('hostile')} --transform='s,^,packages/,' .bin/npx`,
      `tar -rPf ${archive} -C ${at('hostile')} --transform='s,^,../../later/,' .env`,
      `gzip -c ${archive} > ${archive}.gz`,
      `sha256sum ${archive}.gz | cut -c 1-64`,
    ]);
    expect(status).toBe(0);
    const digest = stdout.trim();

    // Whether tar refuses it or leaves it out, the workspace is as it was.
    install({ ...variables, ASSEMBLIES: digest });

    expect(readdirSync(at('later')).toSorted()).toEqual(['.git', 'apps', 'node_modules']);
    expect(readFileSync(at('later/apps/x/cdk.json'), 'utf8')).toBe('tools/apps/x/cdk.json');
    expect(existsSync(at('later/.env'))).toBe(false);
    expect(run(['cat node_modules/.bin/npx'], {}, at('later')).stdout).toContain('of Tools');
  });

  test.each(['later/workspace.tar.gz', 'from-synth/assemblies.tar.gz'])(
    'is refused if %s was replaced, before anything of it is unpacked',
    (archive) => {
      const variables = given();
      writeFileSync(at(archive), 'something else');

      const { status, stderr } = install(variables);

      expect(status).not.toBe(0);
      expect(stderr).toContain('An archive is not what Tools or Synth handed over');
      expect(readdirSync(at('later'))).toEqual(['workspace.tar.gz']);
      expect(readdirSync(at('from-synth'))).toEqual(['assemblies.tar.gz']);
    },
  );

  test.each(['WORKSPACE', 'ASSEMBLIES'])('is refused if nobody told %s', (name) => {
    expect(install({ ...given(), [name]: '' }).status).not.toBe(0);
    expect(readdirSync(at('later'))).toEqual(['workspace.tar.gz']);
  });

  describe('if they deploy', () => {
    const start = (variables: Record<string, string>) => run(deploy.install, variables, at('later'));

    test('from Tools is the workspace with its tools, and from Synth no file', () => {
      const { WORKSPACE } = given();
      rmSync(at('from-synth'), { recursive: true });

      expect(start({ WORKSPACE: WORKSPACE!, RELEASES: 'infra=1' })).toMatchObject({ status: 0, stderr: '' });

      expect(readdirSync(at('later')).toSorted()).toEqual(['.git', 'apps', 'node_modules']);
      expect(existsSync(at('calls'))).toBe(false);
    });

    test.each([
      ['was replaced', () => writeFileSync(at('later/workspace.tar.gz'), 'something else')],
      ['is not there', () => renameSync(at('later/workspace.tar.gz'), at('later/other.tar.gz'))],
    ])('is refused if the workspace %s, before anything of it is unpacked', (_, change) => {
      const variables = given();
      change();
      const left = readdirSync(at('later'));

      const { status, stderr } = start(variables);

      expect(status).not.toBe(0);
      expect(stderr).toContain(
        'The workspace is not what Tools handed over: it was replaced. Start the pipeline again.',
      );
      expect(readdirSync(at('later'))).toEqual(left);
    });

    test('is refused if nobody told WORKSPACE', () => {
      expect(start({ ...given(), WORKSPACE: '' }).status).not.toBe(0);
      expect(readdirSync(at('later'))).toEqual(['workspace.tar.gz']);
    });
  });

  test('is nothing if Synth knows no releases', () => {
    const npx = '#!/bin/sh\ncase "$*" in nx-cdk*) exit 1;; esac\n';
    write('npx', npx);
    chmodSync(at('npx'), 0o755);
    const { status } = run(synth.build, { PATH: `${folder}:${process.env['PATH']}` });
    expect(status).toBe(1);
    expect(existsSync(at('handover'))).toBe(false);
  });
});

describe('a deploy step', () => {
  const commandsFor = (deployed: DeploymentEnvironment) =>
    deployCommands(deploySteps(testEnvironments({}, [deployed]), deployed)[0]!).build;
  /** A stand-in for `npx` in front of the PATH, which writes down what it is called with. */
  function given(base: string): Record<string, string> {
    const script = `#!/bin/sh\necho "$* [$NX_BASE]" >> ${folder}/calls\ncase "$*" in nx-cdk\\ base*) ${base};; nx\\ affected*boom*) exit 3;; esac\n`;
    writeFileSync(join(folder, 'npx'), script, { mode: 0o755 });
    mkdirSync(join(folder, '.git'));
    writeFileSync(join(folder, '.git/released-commit'), `${COMMIT}\n`);
    return { PATH: `${folder}:${process.env['PATH']}`, RELEASES: 'infra=1' };
  }
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

  test('asks what was released, deploys what has changed since, and only then writes down the commit', () => {
    const variables = given('echo base-commit');
    expect(run(commandsFor(environment('prod', [PROD])), variables).status).toBe(0);
    const which = '--environment=prod --group=222222222222-us-east-1';
    expect(calls()).toEqual([
      `nx-cdk base ${which} --attempt []`,
      'nx affected -t deploy-prod --base=base-commit --head=HEAD --excludeTaskDependencies --outputStyle=static --release=infra=1 []',
      `nx-cdk record ${which} --commit=${COMMIT} --releases=infra=1 []`,
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
    expect(affected).toMatch(/ -- --release="\$RELEASES" --targets=111111111111\/eu-west-1,222222222222\/us-east-1$/);
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

test('a step that has a role installs nothing, and Tools nothing that runs', () => {
  for (const { install, build } of [update, publishing(publishStep(testEnvironments())), deploy])
    expect([...install, ...build].join('\n')).not.toMatch(/npm |npx .*@/);
  const tools = toolsCommands(workspace);
  expect([...tools.install, ...tools.build].join('\n')).not.toMatch(/npx|nx |npm (?!ci --ignore-scripts )/);
  for (const { install } of [tools, synth]) {
    expect(install.filter((command) => command.startsWith('npm ci'))).toEqual([
      expect.stringMatching(/^npm ci --ignore-scripts (--omit=dev )?--no-audit --no-fund --cache .npm-cache$/),
    ]);
  }
});

test('what is published and deployed is named by the releases that Synth told', () => {
  for (const { build } of [update, publishing(publishStep(testEnvironments())), deploy]) {
    const commands = build.filter((command) => command.startsWith('npx nx '));
    expect(commands).not.toEqual([]);
    for (const command of commands) expect(command).toContain(' --release="$RELEASES"');
  }
});
