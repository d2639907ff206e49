import { hash } from 'node:crypto';
import { mkdir, readFile, realpath, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { commandsOf } from '@nx-cdk/environments';
import type { TestBed } from 'test-bed';
import { green, Runner, runPipeline, runWorkflow } from 'test-bed/ci';
import type { Guest } from '../guest.ts';

const REPOSITORY = 'example/acme';

/** Of each system: its file, and how a push to the branch runs it. */
const SYSTEMS = {
  github: (runner: Runner, root: string, commit: string) =>
    runWorkflow(runner, join(root, '.github/workflows/deploy.yml'), {
      ...{ event: 'push', repository: REPOSITORY, branch: 'main', commit },
    }),
  gitlab: (runner: Runner, root: string, commit: string) =>
    runPipeline(runner, join(root, '.gitlab-ci.yml'), { project: REPOSITORY, branch: 'main', commit }),
};

/**
 * The workspace is shipped by generated CI files, from a push to prod: each job fetches the package manager that the
 * commit names, and installs what its lockfile names.
 */
export async function shipByCi(guest: Guest, bed: TestBed): Promise<void> {
  const { ci: system, manager } = guest.cell;
  if (system === undefined) return;
  const { update } = commandsOf(manager, guest.root);
  await namePackages(guest);
  await guest.nx('g nx-cdk:app blog --no-interactive');
  await guest.nx(`g nx-cdk:ci ${system} --repository=${REPOSITORY} --no-interactive`);
  await guest.shell(update);
  await guest.nx('bootstrap blog', bed.environment());
  await guest.nx(`deploy ${system}-access --yes`, bed.environment());
  await guest.commit();

  const commit = (await guest.shell('git rev-parse HEAD')).stdout.trim();
  const folder = join(guest.folder, 'ci');
  const machine = { aws: bed.local, folder, repository: guest.root };
  const runner = await Runner.create({ ...machine, programs: await onlyNode(guest), variables: guest.ofJobs() });
  expect(green(await SYSTEMS[system](runner, guest.root, commit))).toEqual([
    'synth',
    'releases',
    'publish',
    expect.stringMatching(/^deploy-staging /),
    expect.stringMatching(/^deploy-prod /),
  ]);
  // What a person deploys afterwards is there already.
  const again = await guest.nx('deploy blog --yes', bed.environment());
  expect(again.output).toMatch(/2 unchanged/);
}

/**
 * What `npx corepack use` does: the version that is installed here, and the checksum of what a job will fetch. The
 * generators keep the `aws-cdk-lib` that is named already.
 */
async function namePackages(guest: Guest): Promise<void> {
  const { manager, library } = guest.cell;
  const version = (await guest.shell(`${manager} --version`)).stdout.trim();
  const checksum =
    manager === 'yarn'
      ? hash('sha512', await readFile(join(guest.folder, 'programs', programOf(version), 'bin/yarn.js')))
      : await checksumOf(guest, `${manager}@${version}`);
  const file = join(guest.root, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { readonly devDependencies: object };
  await guest.write('package.json', {
    ...manifest,
    ...(library && { devDependencies: { ...manifest.devDependencies, 'aws-cdk-lib': library } }),
    packageManager: `${manager}@${version}+sha512.${checksum}`,
  });
  if (manager === 'yarn') await guest.write('.yarnrc.yml', 'nodeLinker: node-modules\n');
}

/** Where `addPrograms` has installed Yarn. */
function programOf(version: string): string {
  return join(`@yarnpkg/cli-dist@${version}`.replaceAll(/\W/g, '-'), 'node_modules/@yarnpkg/cli-dist');
}

async function checksumOf(guest: Guest, name: string): Promise<string> {
  const { stdout } = await guest.shell(`npm view ${name} dist.integrity`);
  return Buffer.from(stdout.trim().replace(/^sha512-/, ''), 'base64').toString('hex');
}

/** A folder with the Node of the guest and without its package manager, as a runner of a CI has it. */
async function onlyNode(guest: Guest): Promise<string> {
  const folder = join(guest.folder, 'ci', 'programs');
  await mkdir(folder, { recursive: true });
  await symlink(await realpath(join(guest.folder, 'bin', 'node')), join(folder, 'node'));
  return folder;
}
