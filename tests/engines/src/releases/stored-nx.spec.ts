import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CI, type NxWorkspace, nxWorkspace, STAGING, startProcess } from 'test-bed';
import { BUCKET, openReleaseBed, type ReleaseBed } from './release-bed.ts';

let bed: ReleaseBed;
/** Where the app is, and where it is not. */
let near: NxWorkspace;
let far: NxWorkspace;
let digest: string;

const APP = `
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib/core';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
const app = new App();
const stack = new Stack(new Stage(app, 'staging'), 'App', { env: ${JSON.stringify(STAGING)}, stackName: 'ByNx' });
new CfnQueue(stack, 'Queue');
// What no step reads: a project of Nx, which would run what the app says
writeFileSync(join(app.outdir, 'project.json'), JSON.stringify({ name: 'planted', targets: { deploy: { command: 'false' } } }));
`;

beforeAll(async () => {
  bed = await openReleaseBed();
  near = await nxWorkspace(join(bed.bed.folder, 'near'));
  far = await nxWorkspace(join(bed.bed.folder, 'far'));
  for (const { root, app } of [near, far]) {
    const environments = [{ name: 'staging', targets: [STAGING] }];
    writeFileSync(join(root, 'environments.json'), JSON.stringify({ ci: CI, environments }));
    const context = { 'nx-cdk:environments': '../../environments.json' };
    writeFileSync(join(app, 'cdk.json'), JSON.stringify({ app: 'node app.mjs', context }));
  }
  writeFileSync(join(near.app, 'app.mjs'), APP);
  expect(await nx(near, ['publish', 'shop'], bed.publisher)).toMatchObject({ code: 0 });
  digest = releaseIn(near)!;
}, 300_000);

afterAll(() => bed?.close());

/** A command with all that Nx runs before. */
function nx(workspace: NxWorkspace, args: readonly string[], caller: Readonly<Record<string, string>>) {
  const [program] = workspace.command('', []);
  const settings = { cwd: workspace.root, env: workspace.environment(caller) };
  const style = args[0] === 'show' ? [] : ['--outputStyle=static'];
  return startProcess(program!, [args[0]!, ...style, ...args.slice(1)], settings).ended;
}

function releaseIn({ app }: NxWorkspace): string | undefined {
  const file = join(app, 'cdk.out', 'release.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { digest: string }).digest : undefined;
}

test('nx deploy takes a release from the bucket, with one role and without sources', async () => {
  // when
  const { code, output } = await nx(far, ['deploy-staging', 'shop', `--release=${digest}`, '--yes'], bed.deployer);
  // then
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toContain(
    'Nothing is synthesized: the command names a release, which is taken from where it is stored',
  );
  expect(output).toContain('Nothing is published: the command names a release');
  expect(output).toContain(`is taken from s3://${BUCKET}/assemblies/${digest}.json.gz`);
  expect(existsSync(join(far.app, 'cdk.out'))).toBe(false);

  // and what the app has left in its assembly is there, and no project of the workspace
  const folder = join(far.root, 'dist', 'releases', 'shop', digest);
  expect(existsSync(join(folder, 'project.json'))).toBe(true);
  const projects = await nx(far, ['show', 'projects', '--json'], {});
  expect(projects).toMatchObject({ code: 0, output: expect.stringContaining('"shop"') });
  expect(projects.output).not.toContain('planted');

  // and without a release there is nothing to deploy
  const refused = await nx(far, ['deploy-staging', 'shop', '--yes'], bed.deployer);
  expect(refused.code).toBe(1);
});

test.each([
  ['an app that the list leaves out', () => `--release=infra=${digest}`, /--release names no release of shop/],
  ['no release at all', () => '--release=', /names no release/],
])('a CI deploys nothing of %s, and looks into no folder instead', async (_, release, sentence) => {
  // given that an assembly is here
  expect(releaseIn(near)).toBe(digest);
  // when
  const caller = { ...bed.deployer, CI: 'true' };
  const { code, output } = await nx(near, ['deploy-staging', 'shop', release(), '--excludeTaskDependencies'], caller);
  // then
  expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(sentence) });
});

test('a release that Nx would forget, since it stands before "--", ends the command', async () => {
  const target = `--targets=${STAGING.account}/${STAGING.region}`;
  const deploy = (...args: string[]) => nx(far, ['run-many', '-t', 'deploy-staging', ...args], bed.deployer);
  // when
  const forgotten = await deploy(`--release=${digest}`, '--', target, '--yes');
  // then
  expect(forgotten).toMatchObject({ code: 1, output: expect.stringContaining('Nx does not hand on --release') });

  // and if all options stand behind it, they count
  const { code, output } = await deploy('--', `--release=shop=${digest}`, target, '--yes');
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('1 unchanged') });
});

test('a synthesis that was left out is not kept in the cache, nor is one taken out of it', async () => {
  // given an assembly that is not what the cache holds
  const folder = join(near.app, 'cdk.out');
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'stale'), 'stale');
  // when
  const deployed = await nx(near, ['deploy', 'shop', `--release=${digest}`, '--yes'], bed.deployer);
  // then it is as it was
  expect(deployed).toMatchObject({ code: 0, output: expect.stringContaining('Nothing is synthesized') });
  expect(readFileSync(join(folder, 'stale'), 'utf8')).toBe('stale');

  // when
  const { code, output } = await nx(near, ['synth', 'shop'], {});
  // then the cache has what was synthesized
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/cache/) });
  expect(releaseIn(near)).toBe(digest);
  expect(existsSync(join(folder, 'stale'))).toBe(false);
  expect(output).not.toContain('Nothing is synthesized');
});
