import {
  DeployedApi,
  type DeployReport,
  ENVIRONMENTS,
  openWorkspaceBed,
  type ProcessResult,
  ROLES,
  STACKS,
  userWhoMayAssume,
  type WorkspaceBed,
} from 'test-bed';

/** What the example's check expects of a request that nobody has signed, and what no deployment will bring about. */
const [RIGHT, WRONG] = ["path: '/orders', status: 403", "path: '/orders', status: 418"];
const PATIENT = ['PATIENCE = 30_000', 'PATIENCE = 0'] as const;

/** A report of a deployment, with what its checks ended with. */
interface VerifiedReport extends DeployReport {
  readonly verified?: readonly {
    readonly environment: string;
    readonly outcome: string;
    readonly failure?: { code: string };
  }[];
}

describe('An environment that is checked after its stacks, before promotion goes on', () => {
  let bed: WorkspaceBed;
  /** A user of the CI account that may assume deploy roles, and nothing else. */
  let deployer: Readonly<Record<string, string>>;

  const check = 'apps/infra/src/verify.ts';
  const deploy = async (...options: string[]): Promise<{ result: ProcessResult; report: VerifiedReport }> => {
    const file = 'tmp/report.json';
    const args = ['deploy', 'infra', '--excludeTaskDependencies', '--yes', `--report=${file}`, ...options];
    const result = await bed.workspace.run('nx', args, deployer);
    return { result, report: await bed.workspace.readJson<VerifiedReport>(file) };
  };
  const outcomesOf = ({ stacks }: DeployReport) => stacks.map(({ id, outcome }) => [id, outcome]);

  beforeAll(async () => {
    bed = await openWorkspaceBed();
    const [staging, prod] = ENVIRONMENTS.environments;
    const environments = [{ ...staging, verify: 'verify' }, prod];
    await bed.workspace.write('environments.json', JSON.stringify({ ...ENVIRONMENTS, environments }));
    await bed.workspace.replace(check, ...PATIENT);
    await bed.workspace.nx(['bootstrap', 'infra'], bed.local.environment());
    await bed.workspace.nx(['publish', 'infra'], bed.local.environment());
    deployer = await userWhoMayAssume(bed.local, 'deployer', ROLES.deploying);
  });
  afterAll(() => bed?.close());

  test('a check that fails stops promotion: exit code 1, prod is skipped, and the next step is said', async () => {
    // given
    await bed.workspace.replace(check, RIGHT, WRONG);

    // when
    const { result, report } = await deploy();

    // then
    expect(result.code).toBe(1);
    expect(outcomesOf(report)).toEqual([
      [STACKS.stagingData, 'created'],
      [STACKS.stagingService, 'created'],
      [STACKS.prodData, 'skipped'],
      [STACKS.prodService, 'skipped'],
    ]);
    expect(report.verified).toMatchObject([
      { environment: 'staging', outcome: 'failed', failure: { code: 'VerifyFailed' } },
    ]);
    expect(result.output).toMatch(/staging: POST https:\S+\/orders: 403, and not 418/);
    expect(result.output).toMatch(/its check \(nx run infra:verify\) failed: .*deploy again, which checks again/);
    expect(result.output).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  });

  test('it is not passed by running again, though nothing changed in staging', async () => {
    const { result, report } = await deploy();

    expect(result.code).toBe(1);
    expect(outcomesOf(report).slice(0, 2)).toEqual([
      [STACKS.stagingData, 'unchanged'],
      [STACKS.stagingService, 'unchanged'],
    ]);
    expect(
      new Set(
        outcomesOf(report)
          .slice(2)
          .map(([, outcome]) => outcome),
      ),
    ).toEqual(new Set(['skipped']));
  });

  test('mended, the next run goes on to prod, though nothing changed in staging', async () => {
    // given
    await bed.workspace.replace(check, WRONG, RIGHT);

    // when
    const { result, report } = await deploy();

    // then
    expect(result.code).toBe(0);
    expect(outcomesOf(report)).toEqual([
      [STACKS.stagingData, 'unchanged'],
      [STACKS.stagingService, 'unchanged'],
      [STACKS.prodData, 'created'],
      [STACKS.prodService, 'created'],
    ]);
    expect(report.verified).toMatchObject([{ environment: 'staging', outcome: 'passed' }]);
    expect(result.output).toMatch(/staging: GET https:\S+\/: 200/);
    const api = new DeployedApi(bed.local, report, STACKS.prodService);
    expect((await api.sendUnsigned('GET', '/')).status).toBe(200);
  });

  test.each([
    ['from the shell', []],
    ['from .env.local-aws', ['-c', 'local-aws']],
  ])('it gets no credentials of who deploys, who has them %s', async (_, options) => {
    // given
    const told = "console.log('names', JSON.stringify(Object.keys(process.env).sort()));";
    const secret = deployer['AWS_SECRET_ACCESS_KEY']!;
    const lines = Object.entries(deployer).map(([name, value]) => `${name}=${value}`);
    await bed.workspace.write('.env.local-aws', `${lines.join('\n')}\n`);
    const before = await bed.workspace.read(check);
    const holds = `console.log('holds', Object.values(process.env).some((value) => value.includes('${secret}')));`;
    await bed.workspace.write(check, `${before}\n${told}\n${holds}\n`);

    // when
    const { result } = await deploy(...options);
    await bed.workspace.write(check, before);

    // then
    expect(result.code).toBe(0);
    const names = JSON.parse(/names (\[.*\])/.exec(result.output)![1]!) as string[];
    expect(names.filter((name) => name.startsWith('AWS_'))).toEqual(['AWS_ENDPOINT_URL']);
    expect(names).toEqual(expect.arrayContaining(['NX_CDK_OUTPUTS', 'NX_CDK_ENVIRONMENT', 'NX_CDK_CA_FILE']));
    expect(result.output).toContain('holds false');
  });

  test('with --no-verify, nothing is checked and promotion goes on', async () => {
    await bed.workspace.replace(check, RIGHT, WRONG);

    const { result, report } = await deploy('--no-verify');

    expect(result.code).toBe(0);
    expect(report.verified).toBeUndefined();
    expect(result.output).not.toContain('infra:verify');
  });
});
