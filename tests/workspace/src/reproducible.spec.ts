import { hostname, availableParallelism } from 'node:os';
import { killProcesses, ScratchWorkspace, STAGING, succeeded } from 'test-bed';
import { AnotherMachine, possiblePretence, rustCompiler } from './another-machine.ts';
import { addForeignApp } from './foreign-apps.ts';
import { addTellingApp, addWhimsicalApp, type Surroundings, type Whim } from './telling-apps.ts';
import { treeOf } from './tree.ts';

/** Apps of this workspace, and one that does what CDK writes paths and orders down for. */
const APPS = ['infra', 'quotes', 'pipeline', 'required-resources', 'telling'];

const HANDLERS = [
  'orders-api',
  'orders-worker',
  'packing-list',
  'shipping-quote-typescript',
  'shipping-quote-go',
  'shipping-quote-rust',
];

const pretence = possiblePretence();
/** A test of something in which only some machines can pretend to differ; the others tell that they skip it. */
const testWhere = (possible: unknown) => (possible ? test : test.skip);

let here: ScratchWorkspace;
let there: AnotherMachine;
const seen = async (where: ScratchWorkspace) => where.readJson<Surroundings>('apps/telling/seen.json');

beforeAll(async () => {
  [here, there] = await Promise.all([ScratchWorkspace.create(), AnotherMachine.create(pretence)]);
  for (const workspace of [here, there.workspace]) {
    await addTellingApp(workspace, 'telling');
    await addWhimsicalApp(workspace, 'whimsical');
  }
  const synth = [
    'run-many',
    '-t',
    'synth',
    '-p',
    [...APPS, 'whimsical'].join(),
    '--parallel=2',
    '--outputStyle=static',
  ];
  // Nothing is published: a builder that is always there makes images part of every assembly, whether this machine
  // could build them or not.
  const builder = { CDK_DOCKER: 'true', CDK_VALIDATION: 'true' };
  const [result] = await Promise.all([
    here.run('nx', synth, { ...builder, TZ: 'UTC' }),
    there.nx(synth, { ...builder, ...(rustCompiler() === undefined ? {} : { CI: 'true' }) }),
  ]);
  succeeded(result);
});
afterAll(async () => {
  killProcesses();
  await Promise.all([here?.remove(), there?.workspace.remove()]);
});

describe('Two machines synthesize the same commit', () => {
  test.each(APPS)('and every byte of %s is the same', async (app) => {
    const assembly = await treeOf(here.path(`apps/${app}/cdk.out`));
    expect(Object.keys(assembly)).toEqual(expect.arrayContaining(['manifest.json', 'release.json', 'tree.json']));
    expect(await treeOf(there.workspace.path(`apps/${app}/cdk.out`))).toEqual(assembly);
  });

  test.each(HANDLERS)('and every byte of %s is the same, which was compiled twice', async (handler) => {
    const compiled = await treeOf(here.path(`libs/handlers/${handler}/dist`));
    expect(Object.keys(compiled)).not.toEqual([]);
    expect(await treeOf(there.workspace.path(`libs/handlers/${handler}/dist`))).toEqual(compiled);
  });

  test('though they differ in folder, home, clock, time zone, language, umask, and order of files', async () => {
    const [one, other] = await Promise.all([here, there.workspace].map(seen));
    const days = (Date.parse(other!.now) - Date.parse(one!.now)) / 86_400_000;
    expect(days).toBeGreaterThan(400);
    expect(days).toBeLessThan(401);
    expect(other).toMatchObject({ timeZone: 'Pacific/Auckland', language: 'tr-TR', umask: 0o77, changed: 2001 });
    expect(other!.files).toEqual(one!.files.toReversed());
    for (const fact of ['folder', 'home', 'timeZone', 'language', 'umask', 'changed'] as const) {
      expect(one![fact]).not.toEqual(other![fact]);
    }
  });

  testWhere(pretence.user)('though one belongs to a user with another id', async () => {
    expect((await seen(here)).user).toBe(process.getuid?.());
    expect((await seen(there.workspace)).user).toBe(42424);
  });

  testWhere(pretence.hostname)('though they have different names', async () => {
    expect((await seen(here)).hostname).toBe(hostname());
    expect((await seen(there.workspace)).hostname).toBe('elsewhere');
  });

  testWhere(pretence.processors)('though one has fewer processors', async () => {
    expect((await seen(here)).processors).toBe(availableParallelism());
    expect((await seen(there.workspace)).processors).toBe(1);
  });

  testWhere(rustCompiler())('though one is a CI', async () => {
    expect((await seen(here)).ci).toBeUndefined();
    expect((await seen(there.workspace)).ci).toBe('true');
  });

  test('though what an app itself makes of time, chance and place is left as it is, and makes another assembly', async () => {
    const [one, other] = await Promise.all(
      [here, there.workspace].map(async (workspace) => ({
        whim: await workspace.readJson<Whim>('apps/whimsical/whim.json'),
        outputs: (
          await workspace.readJson<{ Outputs: Record<string, { Value: string }> }>(
            'apps/whimsical/cdk.out/Whim.template.json',
          )
        ).Outputs,
        tree: await treeOf(workspace.path('apps/whimsical/cdk.out')),
      })),
    );
    for (const { whim, outputs } of [one!, other!]) {
      expect({ now: outputs['Now']?.Value, chance: outputs['Chance']?.Value, place: outputs['Place']?.Value }).toEqual(
        whim,
      );
    }
    const differing = Object.keys(one!.tree).filter((file) => one!.tree[file] !== other!.tree[file]);
    expect(differing.sort()).toEqual(['Whim.assets.json', 'Whim.template.json', 'manifest.json', 'release.json']);
  });
});

describe('Synthesis', () => {
  test('is refused on a warning where it is strict', async () => {
    // given
    await addForeignApp(
      here,
      'warning',
      "cdk.Annotations.of(new cdk.Stack(app, 'Stack')).addWarningV2('x:old', 'This is old.');",
    );

    // when
    const lenient = await here.nx(['synth', 'warning']);
    const strict = await here.refusedNx(['synth', 'warning', '--strict', '--excludeTaskDependencies']);

    // then
    expect(lenient.output).toContain('This is old.');
    expect(strict.output).toContain('This is old.');
  });

  test('of an app that throws says so and leaves the last good assembly', async () => {
    // given
    await addForeignApp(here, 'failing', "new cdk.Stack(app, 'Stack');");
    await here.nx(['synth', 'failing']);
    const good = await treeOf(here.path('apps/failing/cdk.out'));
    await addForeignApp(here, 'failing', "throw new Error('There is no such table');");

    // when
    const result = await here.run('nx', ['synth', 'failing']);

    // then
    expect(result).toEndWith(1);
    expect(result.output).toMatch(/error: The CDK app in .*apps\/failing failed/);
    expect(result.output).toContain('There is no such table');
    expect(await treeOf(here.path('apps/failing/cdk.out'))).toEqual(good);
  });

  test('names the context that is missing, where CI must not look it up', async () => {
    // given
    const source = `
      const { StringParameter } = require('aws-cdk-lib/aws-ssm');
      const stack = new cdk.Stack(app, 'Stack', { env: { account: '${STAGING.account}', region: '${STAGING.region}' } });
      StringParameter.valueFromLookup(stack, '/shared/vpc');
    `;
    await addForeignApp(here, 'lookup', source);

    // when
    const { output } = await here.refusedNx(['synth', 'lookup'], { CI: '1' });

    // then
    expect(output).toContain(`ssm /shared/vpc of ${STAGING.account}/${STAGING.region}`);
    expect(output).toContain('run nx lookups lookup on a machine with credentials, and commit cdk.context.json');
  });
});
