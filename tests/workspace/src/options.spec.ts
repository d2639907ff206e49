import { cp, rm } from 'node:fs/promises';
import {
  type Credentials,
  type DeployReport,
  openWorkspaceBed,
  outcomes,
  reportOf,
  ROLES,
  ScratchWorkspace,
  STACKS,
  type WorkspaceBed,
  userWhoMayAssume,
} from 'test-bed';

/**
 * The two ways of cutting a deployment into steps, beside doing all at once; what goes from one step to the next is the
 * assembly alone.
 */
const ASSEMBLY = 'apps/infra/cdk.out';

describe('Options A, B and C: how many steps, each one command line', () => {
  /** The machine that has the sources: a laptop, or the build step. */
  let bed: WorkspaceBed;
  /** Machines that have seen nothing: no cache, no build output, no assembly. */
  let second: ScratchWorkspace;
  let third: ScratchWorkspace;
  let publisher: Credentials;
  let deployer: Credentials;
  let both: Credentials;

  beforeAll(async () => {
    [bed, second, third] = await Promise.all([
      openWorkspaceBed({ bootstrapped: true }),
      ScratchWorkspace.create(),
      ScratchWorkspace.create(),
    ]);
    [publisher, deployer, both] = await Promise.all([
      userWhoMayAssume(bed.local, 'publisher', ROLES.publishing),
      userWhoMayAssume(bed.local, 'deployer', ROLES.deploying),
      userWhoMayAssume(bed.local, 'both', [...ROLES.publishing, ...ROLES.deploying]),
    ]);
  });
  afterAll(async () => {
    await Promise.all([bed?.close(), second?.remove(), third?.remove()]);
  });

  test('A, all at once: nx deploy infra', async () => {
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy', 'infra'], both);

    expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['created']));
  });

  test('B, build, then publish and deploy: nx run-many -t publish deploy -p infra --excludeTaskDependencies', async () => {
    // given
    await edit("status: 'ok'", "status: 'B'");
    await bed.workspace.nx(['synth', 'infra']);
    await handOver(bed.workspace, second);

    // when
    const args = [
      'run-many',
      '-t',
      'publish',
      'deploy',
      '-p',
      'infra',
      '--excludeTaskDependencies',
      '--outputStyle=static',
    ];
    const { output } = await second.nx(args, both);

    // then
    expect(output.indexOf('nx run infra:publish')).toBeGreaterThan(-1);
    expect(output.indexOf('nx run infra:deploy')).toBeGreaterThan(output.indexOf('nx run infra:publish'));
    expect(output).not.toContain('nx run infra:synth');
    expect(output).toContain('4 stacks: 2 updated, 2 unchanged');
  });

  test('C, three steps on three machines, each with its own credentials', async () => {
    // when
    await edit("status: 'B'", "status: 'C'");
    await bed.workspace.nx(['synth', 'infra']);

    await handOver(bed.workspace, second);
    await second.nx(['publish', 'infra', '--excludeTaskDependencies'], publisher);

    await handOver(second, third);
    const args = ['deploy', 'infra', '--excludeTaskDependencies'];
    const { report } = await reportOf<DeployReport>(third, args, deployer);

    // then
    expect(outcomes(report)).toEqual({
      [STACKS.stagingData]: 'unchanged',
      [STACKS.stagingService]: 'updated',
      [STACKS.prodData]: 'unchanged',
      [STACKS.prodService]: 'updated',
    });
  });

  test('a step without the assembly says what is missing', async () => {
    // given
    await rm(third.path(ASSEMBLY), { recursive: true });

    // when
    const { output } = await third.refusedNx(['deploy', 'infra', '--excludeTaskDependencies'], deployer);

    // then
    expect(output).toContain(third.path(ASSEMBLY));
    expect(output).toMatch(/synth/);
  });

  async function edit(text: string, replacement: string): Promise<void> {
    await bed.workspace.replace('libs/handlers/orders-api/src/routes.ts', text, replacement);
  }

  /** What an artifact store does between two steps. */
  async function handOver(from: ScratchWorkspace, to: ScratchWorkspace): Promise<void> {
    await rm(to.path(ASSEMBLY), { recursive: true, force: true });
    await cp(from.path(ASSEMBLY), to.path(ASSEMBLY), { recursive: true });
  }
});
