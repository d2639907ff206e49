import {
  DeleteStackCommand,
  UpdateStackCommand,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootClients, STAGING } from 'test-bed';
import { configured, settings, shop } from './apps.ts';
import { openPlanBed, type PlanBed } from './plan-bed.ts';

let bed: PlanBed;

beforeAll(async () => {
  bed = await openPlanBed();
});

afterAll(() => bed?.close());

/** Deploys by a plan that must be refused, and sees that it changed nothing. */
async function expectRefusal(options: object, stackNames: readonly string[], sentence: RegExp): Promise<void> {
  const before = await bed.states(...stackNames);
  const { code, output } = await bed.run('deploy', options);
  expect(output).toMatch(sentence);
  expect({ code, output }).toEndWith(1);
  expect(await bed.states(...stackNames)).toEqual(before);
}

describe('a plan is refused, and nothing changes at all, where', () => {
  /** An app that is deployed, and a plan of its next version. */
  async function plannedUpdate(name: string) {
    const first = await bed.release(`${name}-1`, shop(name));
    await bed.ship(first);
    const assembly = await bed.release(`${name}-2`, shop(name, { visibility: 60 }));
    const { file: plan, code, output } = await bed.plan(name, assembly);
    expect({ code, output }).toEndWith(0);
    return { assembly, plan, first, names: [`${name}-Data`, `${name}-Service`] };
  }

  test('somebody has deployed something else in between', async () => {
    const { assembly, plan, names } = await plannedUpdate('Between');
    await bed.ship(await bed.release('between-3', shop('Between', { visibility: 90 })), {
      stacks: 'Service',
      exclusively: true,
    });
    await expectRefusal(
      { assembly, plan },
      names,
      /Service: its stack in 111111111111\/eu-west-1 has moved since it was planned: it was in status CREATE_COMPLETE, last updated \S+, and is now in status UPDATE_COMPLETE, last updated \S+: plan again, and have that reviewed/,
    );
  });

  test('somebody has deployed and gone back, so that the stack only looks as it did', async () => {
    const { assembly, plan, first, names } = await plannedUpdate('Back');
    await bed.ship(await bed.release('back-3', shop('Back', { visibility: 90 })), { stacks: 'Data' });
    await bed.ship(first, { stacks: 'Data' });
    await expectRefusal({ assembly, plan }, names, /Data: its stack .* has moved since it was planned/);
  });

  test('an administrator has updated a stack by hand', async () => {
    const { assembly, plan, names } = await plannedUpdate('Hand');
    const Queue = { Type: 'AWS::SQS::Queue' };
    const update = new UpdateStackCommand({
      StackName: 'Hand-Service',
      TemplateBody: JSON.stringify({ Resources: { Queue } }),
    });
    await bed.admin.send(update);
    await waitUntilStackUpdateComplete(
      { client: bed.admin, maxWaitTime: 1200, minDelay: 1, maxDelay: 1 },
      { StackName: 'Hand-Service' },
    );
    await expectRefusal({ assembly, plan }, names, /Service: its stack .* has moved since it was planned/);
  });

  test('a stack is gone', async () => {
    const { assembly, plan } = await plannedUpdate('Gone');
    await deleteStack('Gone-Service');
    await expectRefusal(
      { assembly, plan },
      ['Gone-Data', 'Gone-Service'],
      /Service: .* it was there when it was planned, and is gone/,
    );
  });

  test('a stack is gone and was made anew', async () => {
    const { assembly, plan, first } = await plannedUpdate('Anew');
    await deleteStack('Anew-Service');
    await bed.ship(first);
    await expectRefusal(
      { assembly, plan },
      ['Anew-Data', 'Anew-Service'],
      /Service: .* it was deleted and created anew since/,
    );
  });

  test('somebody has made a stack that was to be created', async () => {
    const assembly = await bed.release('made-2', shop('Made', { visibility: 60 }));
    const { file: plan } = await bed.plan('made', assembly);
    await bed.ship(await bed.release('made-1', shop('Made')));
    await expectRefusal(
      { assembly, plan },
      ['Made-Data', 'Made-Service'],
      /Data: .* it was not there when it was planned, and is now in status CREATE_COMPLETE/,
    );
  });

  test('the assembly is another release, or was changed after its synthesis', async () => {
    const { assembly, plan, first, names } = await plannedUpdate('Release');
    await expectRefusal(
      { assembly: first, plan },
      names,
      /error: The plan is for release [0-9a-f]{12}, and the assembly is release [0-9a-f]{12}: deploy what was planned, or plan again/,
    );

    const changed = join(bed.root, 'apps/shop/changed');
    cpSync(join(bed.root, 'apps/shop', assembly), changed, { recursive: true });
    writeFileSync(join(changed, 'Service.template.json'), '{"Resources":{"Queue":{"Type":"AWS::SQS::Queue"}}}');
    await expectRefusal({ assembly: 'changed', plan }, names, /Service\.template\.json is not what it is in release/);
  });

  test.each([
    ['is not there', undefined, /error: The plan \S+none\.json cannot be read: make one first \(nx plan/],
    ['is no JSON', 'plan', /none\.json is no plan, not even JSON/],
    ['is a report', '{"success":true}', /none\.json is no plan, or not a whole one/],
    ['is of another format', '{"format":2}', /none\.json has format 2, and this version reads 1: plan again/],
    [
      'is for another project',
      '{"format":1,"project":"store","release":"","stacks":[]}',
      /The plan is for store, not for shop: give the plan of shop/,
    ],
  ])('its file %s', async (_, content, sentence) => {
    const assembly = await bed.release('file', shop('File'));
    mkdirSync(join(bed.root, 'plans'), { recursive: true });
    if (content !== undefined) writeFileSync(join(bed.root, 'plans/none.json'), content);
    await expectRefusal({ assembly, plan: 'plans/none.json' }, ['File-Data', 'File-Service'], sentence);
  });

  test('it does not hold a stack that was asked for, or none of them', async () => {
    const assembly = await bed.release('scope', shop('Scope'));
    const { file: plan } = await bed.plan('scope', assembly, { stacks: 'Data' });
    await expectRefusal(
      { assembly, plan, stacks: 'Service' },
      ['Scope-Data', 'Scope-Service'],
      /error: Service: it is not in the plan/,
    );
  });

  test('a dry run is asked for, which would look at no plan', async () => {
    const assembly = await bed.release('dry', shop('Dry'));
    const { file: plan } = await bed.plan('dry', assembly);
    await expectRefusal({ assembly, plan, dryRun: true }, ['Dry-Data'], /error: A dry run asks no plan/);
  });

  async function deleteStack(StackName: string): Promise<void> {
    await bed.admin.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(
      { client: bed.admin, maxWaitTime: 1200, minDelay: 1, maxDelay: 1 },
      { StackName },
    );
  }
});

describe('a deployment by a plan that failed half-way can be run again', () => {
  const TAKEN = '/shop/taken';
  const ssm = () => rootClients(bed.bed.local, STAGING).ssm();
  const take = () =>
    ssm().send(new PutParameterCommand({ Name: TAKEN, Value: 'theirs', Type: 'String', Overwrite: true }));
  const free = () => ssm().send(new DeleteParameterCommand({ Name: TAKEN }));

  test('when a creation has failed', async () => {
    // given
    const assembly = await bed.release('half-new', settings('HalfNew', { taken: TAKEN }));
    const { file: plan } = await bed.plan('half-new', assembly);
    await take();
    const failed = await bed.run('deploy', { assembly, plan });
    expect(failed).toMatchObject({ code: 1, output: expect.stringMatching(/1 created, 1 failed/) });

    // when
    await free();
    const again = await bed.run('deploy', { assembly, plan });

    // then
    expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/1 created, 1 unchanged/) });
  });

  test('when an update has failed and was rolled back', async () => {
    // given
    await free().catch(() => undefined);
    await bed.ship(await bed.release('half-1', settings('Half')));
    const assembly = await bed.release('half-2', settings('Half', { taken: TAKEN, version: 2 }));
    const { file: plan } = await bed.plan('half', assembly);
    await take();
    const failed = await bed.run('deploy', { assembly, plan });
    expect(failed).toMatchObject({
      code: 1,
      output: expect.stringMatching(/Second .*failed.*UPDATE_ROLLBACK_COMPLETE/),
    });

    // when
    await free();
    const again = await bed.run('deploy', { assembly, plan });

    // then
    expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/1 updated, 1 unchanged/) });
  });
});

test('a change set that does more than was planned is not executed, and leaves its stack as it is', async () => {
  // given a stack that is made with a value which somebody else keeps
  const Name = '/shop/theirs';
  const put = (Value: string) =>
    rootClients(bed.bed.local, STAGING)
      .ssm()
      .send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
  await put('10');
  await bed.ship(await bed.release('more-1', configured('More', Name)));
  const assembly = await bed.release('more-2', configured('More', Name, 60));
  const { file: plan, stack } = await bed.plan('more', assembly);
  expect(stack('Configured').changes.map(({ logicalId }) => logicalId)).toEqual(['Other']);

  // when that value becomes another one: neither the assembly nor the stack tells
  await put('20');

  // then
  await expectRefusal(
    { assembly, plan },
    ['More-Configured'],
    /Configured: it would change Configured\/Copy \(AWS::SSM::Parameter\), which the plan does not change: plan again, and have that reviewed/,
  );
  expect(await bed.changeSets('More-Configured')).toBe(0);

  // and if it was unchanged in the plan, it stays so
  await put('10');
  await bed.run('deploy', { assembly, plan });
  const { file: nothing, stack: same } = await bed.plan('more-nothing', assembly);
  expect(same('Configured').outcome).toBe('unchanged');
  await put('30');
  await expectRefusal(
    { assembly, plan: nothing },
    ['More-Configured'],
    /Configured: it is unchanged in the plan, and would now be changed: Configured\/Copy \(AWS::SSM::Parameter\)/,
  );
});
