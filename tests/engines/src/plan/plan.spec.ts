import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type PlanBed, openPlanBed, type Planned } from './plan-bed.ts';
import { secretive, shop } from './apps.ts';

let bed: PlanBed;

beforeAll(async () => {
  bed = await openPlanBed();
});

afterAll(() => bed?.close());

describe('a plan of stacks that are not there yet', () => {
  let planned: Planned;
  let assembly: string;

  beforeAll(async () => {
    assembly = await bed.release('new', shop('New'));
    planned = await bed.plan('new', assembly);
  });

  test('lists all that would be made and allowed, by the deploy role alone', () => {
    expect(planned).toMatchObject({ code: 0, output: expect.stringMatching(/^plan: 2 stacks in 1 target$/m) });
    expect(planned.plan).toMatchObject({
      format: 1,
      project: 'shop',
      release: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(planned.stack('Data')).toMatchObject({
      stackName: 'New-Data',
      account: '111111111111',
      region: 'eu-west-1',
      outcome: 'create',
      basis: null,
      permissions: { widened: false, lines: [] },
    });
    expect(planned.stack('Service').changes.map(({ action, logicalId }) => `${action} ${logicalId}`)).toEqual([
      'Add Jobs',
      'Add Policy',
      'Add Role',
    ]);
    expect(planned.stack('Service').permissions.lines).toEqual([
      {
        widens: true,
        resource: 'Service/Policy',
        text: expect.stringMatching(/^\+ Allow sqs:SendMessage on \S+ to \$\{Role\}$/),
      },
      {
        widens: true,
        resource: 'Service/Role',
        text: '+ Allow sts:AssumeRole on ${Role.Arn} to Service:lambda.amazonaws.com',
      },
    ]);
  });

  test('leaves no stack, not even an empty one', async () => {
    expect(await bed.states('New-Data', 'New-Service')).toEqual({ 'New-Data': undefined, 'New-Service': undefined });
  });

  test('is deployed as it is, and then there is nothing left to plan', async () => {
    const [, planDigest] = /--planDigest=([0-9a-f]{64})$/m.exec(planned.output)!;
    const other = await bed.run('deploy', { assembly, plan: planned.file, planDigest: '0'.repeat(64) });
    expect(other).toMatchObject({ code: 1, output: expect.stringMatching(/0{64} was approved: nothing is deployed/) });
    const deployed = await bed.run('deploy', { assembly, plan: planned.file, planDigest });
    expect(deployed).toMatchObject({ code: 0, output: expect.stringMatching(/2 stacks: 2 created/) });
    // and a reviewer sees that it is the plan that was reviewed
    const [, digest] = /^plan ([0-9a-f]{12}) of shop, release /m.exec(planned.output)!;
    expect(planned.markdown).toContain(`plan <code>${digest}</code>`);
    expect(deployed.output).toContain(`Deploying by plan ${digest}, and nothing else than it holds.`);

    const again = await bed.plan('new-again', assembly);
    expect(again.plan.stacks.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect(again.output).toMatch(/2 stacks: 2 unchanged/);

    const nothing = await bed.run('deploy', { assembly, plan: again.file });
    expect(nothing).toMatchObject({ code: 0, output: expect.stringMatching(/2 stacks: 2 unchanged/) });
  });
});

describe('a plan of stacks that are there', () => {
  let planned: Planned;
  let assembly: string;
  let before: Record<string, string | undefined>;

  beforeAll(async () => {
    await bed.ship(await bed.release('there-1', shop('There')));
    const more = { key: 'number', bucket: false, visibility: 60, actions: ['sqs:*'] };
    assembly = await bed.release('there-2', shop('There', more));
    before = await bed.states('There-Data', 'There-Service');
    planned = await bed.plan('there', assembly);
  });

  test('tells replacements, removals and what becomes of the data', () => {
    expect(planned).toEndWith(0);
    expect(planned.stack('Data')).toMatchObject({
      outcome: 'update',
      reasons: ['template differs'],
      basis: { status: 'CREATE_COMPLETE', changeSet: expect.stringMatching(/^nx-cdk-/) },
    });
    expect(planned.stack('Data').changes).toEqual([
      {
        action: 'Modify',
        logicalId: 'Orders',
        resourceType: 'AWS::DynamoDB::Table',
        constructPath: 'Data/Orders',
        replacement: expect.stringMatching(/^(maybe|always)$/),
        properties: ['AttributeDefinitions', 'KeySchema'],
        data: 'lost',
      },
      expect.objectContaining({ logicalId: 'Queue', replacement: 'never', properties: ['VisibilityTimeout'] }),
      expect.objectContaining({ action: 'Remove', logicalId: 'Uploads', data: 'kept' }),
    ]);
    expect(planned.output).toMatch(/(replace|may be replaced) +Orders +AWS::DynamoDB::Table +data (is|may be) lost; /);
    expect(planned.output).toMatch(/remove +Uploads +AWS::S3::Bucket +data is kept/);
  });

  test('marks what is allowed that was not, in the table, the JSON and the Markdown', () => {
    const { permissions } = planned.stack('Service');
    expect(permissions).toEqual({
      widened: true,
      lines: [
        {
          widens: true,
          resource: 'Service/Policy',
          text: expect.stringMatching(/^\+ Allow sqs:\* on \S+ to \$\{Role\}$/),
        },
        {
          widens: false,
          resource: 'Service/Policy',
          text: expect.stringMatching(/^- Allow sqs:SendMessage on \S+ to \$\{Role\}$/),
        },
      ],
    });
    expect(planned.stack('Data').permissions.widened).toBe(false);
    expect(planned.output).toMatch(/^Service .*  allows more$/m);
    expect(planned.output).toMatch(/^ {2}! \+ Allow sqs:\*/m);
    expect(planned.markdown).toMatch(/^\| <code>Service<\/code> \| .* \*\*allows more\*\* \|$/m);
  });

  test('changes nothing, and leaves no change set', async () => {
    expect(await bed.states('There-Data', 'There-Service')).toEqual(before);
    expect(await Promise.all(['There-Data', 'There-Service'].map((name) => bed.changeSets(name)))).toEqual([0, 0]);
  });

  test('is the same, byte for byte, as long as nothing moves', async () => {
    const again = await bed.plan('there-again', assembly, { concurrency: 1 });
    expect(again.json).toBe(planned.json);
    expect(again.markdown).toBe(planned.markdown);
  });

  test('is deployed as it is', async () => {
    const deployed = await bed.run('deploy', { assembly, plan: planned.file });
    expect(deployed).toMatchObject({ code: 0, output: expect.stringMatching(/2 stacks: 2 updated/) });
  });

  test('does not mark what is allowed no longer', async () => {
    const narrowed = { key: 'number', bucket: false, visibility: 60, actions: ['sqs:SendMessage'] };
    const { stack, output } = await bed.plan('narrow', await bed.release('there-3', shop('There', narrowed)));
    expect(stack('Service').permissions).toMatchObject({
      widened: false,
      lines: [{ widens: false }, { widens: false }],
    });
    expect(output).not.toMatch(/allows more/);
  });
});

describe('a plan of a part', () => {
  test('holds the stacks that were asked for, and is found where it says', async () => {
    const assembly = await bed.release('part', shop('Part'));
    await bed.run('publish', { assembly });
    const { code, output } = await bed.run('plan', { assembly, stacks: 'Data' });
    expect({ code, output }).toEndWith(0);
    expect(output).toMatch(
      /The plan is in dist\/plans\/shop\.json: deploy it with nx deploy shop --plan=dist\/plans\/shop\.json/,
    );
    // when everything is to be deployed by it, then only what it holds is
    const deployed = await bed.run('deploy', { assembly, plan: 'dist/plans/shop.json' });
    expect(deployed).toMatchObject({ code: 0, output: expect.stringMatching(/1 stack: 1 created/) });
    expect(await bed.states('Part-Service')).toEqual({ 'Part-Service': undefined });
  });
});

describe('nothing is planned', () => {
  test('by somebody who may only publish', async () => {
    const assembly = await bed.release('denied', shop('Denied'));
    await bed.run('publish', { assembly });
    const { code, output } = await bed.run('plan', { assembly, output: 'plans/denied.json' }, bed.publisher);
    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(/may not sts:AssumeRole \S+deploy-role-111111111111-eu-west-1/);
    expect(output).not.toMatch(/The plan is in/);
  });

  test('where the assembly is no release', async () => {
    const assembly = await bed.release('stock', shop('Stock'));
    rmSync(join(bed.root, 'apps/shop', assembly, 'release.json'));
    const { code, output } = await bed.run('plan', { assembly });
    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(/A plan needs a release, and \S+ holds no release\.json: synthesize with nx synth/);
  });

  test('where an update is not published, since CloudFormation cannot say what it changes', async () => {
    await bed.ship(await bed.release('unpublished-1', shop('Unpublished')));
    const assembly = await bed.release('unpublished-2', shop('Unpublished', { visibility: 7, large: true }));
    const { code, output } = await bed.run('plan', { assembly, output: 'plans/unpublished.json' });
    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(/error: Data: .*not published yet.*run publish first/);
    expect(output).not.toMatch(/The plan is in/);
  });
});

test('a secret is in no plan, whether it is given or a default, and has to be given again', async () => {
  const parameters = ['Password=hunter2-hunter2', 'Size=large'];
  const assembly = await bed.release('secret', secretive('Secret'));
  const planned = await bed.plan('secret', assembly, { parameters, verbose: true, report: 'report.json' });
  const report = readFileSync(`${bed.root}/report.json`, 'utf8');
  expect(planned).toEndWith(0);
  for (const text of [planned.json, planned.markdown, planned.output, report]) {
    expect(text).not.toMatch(/hunter2|default-of-the-token/);
  }

  const without = await bed.run('deploy', { assembly, plan: planned.file });
  expect(without).toMatchObject({
    code: 1,
    output: expect.stringMatching(/Secret: what is wanted of it is not what was planned: give the parameters/),
  });
  const another = { assembly, plan: planned.file, parameters: ['Password=hunter3-hunter3', 'Size=large'] };
  expect(await bed.run('deploy', another)).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      /Secret: its secret parameters are not given the values that they had when it was pl/,
    ),
  });
  expect(await bed.states('Secret-Secret')).toEqual({ 'Secret-Secret': undefined });
  expect(await bed.run('deploy', { assembly, plan: planned.file, parameters })).toEndWith(0);

  // and of an update neither
  const next = await bed.release('secret-2', secretive('Secret', 60));
  const update = await bed.plan('secret-2', next, {
    parameters: ['Password=correct-horse', 'Size=huge'],
    verbose: true,
  });
  expect(update.stack('Secret')).toMatchObject({
    outcome: 'update',
    reasons: ['parameter Password is secret and cannot be compared', 'parameter Size differs'],
  });
  for (const text of [update.json, update.markdown, update.output]) {
    expect(text).not.toMatch(/hunter2|correct-horse|default-of-the-token/);
  }
});

test('Nx plans and deploys by its targets', async () => {
  const assembly = await bed.release('nx', shop('Nx'));
  await bed.run('publish', { assembly });

  const planned = await bed.workspace.nx('plan', [`--assembly=${assembly}`, '--markdown=nx.md'], bed.deployer).ended;
  expect(planned).toMatchObject({ code: 0, output: expect.stringMatching(/The plan is in dist\/plans\/shop\.json/) });
  expect(readFileSync(join(bed.root, 'nx.md'), 'utf8')).toMatch(/^\*\*Plan for <code>shop<\/code>\*\*/);

  const args = [`--assembly=${assembly}`, '--plan=dist/plans/shop.json'];
  const deployed = await bed.workspace.nx('deploy', args, bed.deployer).ended;
  expect(deployed).toMatchObject({ code: 0, output: expect.stringMatching(/2 stacks: 2 created/) });
});
