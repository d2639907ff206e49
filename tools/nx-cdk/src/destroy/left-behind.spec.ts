import { admissionOf } from '../aws/index.ts';
import { changeSetName, stackOwner } from '../cloudformation/index.ts';
import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { clock, cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import { FAULTS, type Fault, faultyClients } from '../cloudformation/testing/faults.ts';
import { deploy } from '../deploy/index.ts';
import { type DeletionRequest, findDeletions } from '../plan/index.ts';
import { plannedDeletion } from '../plan/testing/plans.ts';
import { askToDeleteLeftBehind, deleteLeftBehind } from './index.ts';

const OURS = stackOwner('acme', 'infra');

const exporting = (name: string, template = queues('Queue')) => ({
  ...template,
  Outputs: { Out: { Value: 'x', Export: { Name: name } } },
});
const importing = (...names: string[]) => ({
  Resources: {
    Uses: { Type: 'AWS::SQS::Queue', Properties: { Tags: names.map((name) => ({ 'Fn::ImportValue': name })) } },
  },
});

const STAYING: TestStack = { id: 'Staying' };
/** `Top` imports from `Middle`, which imports from `Base`. Their names are in no order. */
const CHAIN: TestStack[] = [
  { id: 'Base', template: exporting('base') },
  { id: 'Middle', template: exporting('middle', importing('base')), dependencies: ['Base'] },
  { id: 'Top', template: importing('middle'), dependencies: ['Middle'] },
];

async function ship(...stacks: readonly TestStack[]) {
  const request = { assembly: given(stacks), stacks: stacks.map(({ id }) => id), owner: OURS };
  expect(await deploy(request, dependencies())).toMatchObject({ success: true });
}

/** What can be deleted when the app holds these stacks. */
async function found(stacks: readonly TestStack[] = [STAYING], more: Partial<DeletionRequest> = {}) {
  const request = { assembly: given(stacks), stacks: stacks.map(({ id }) => id), owner: OURS, ...more };
  const { deletions, kept } = await findDeletions(request, dependencies());
  return {
    request,
    deletions,
    going: deletions.map(({ stackName }) => stackName),
    kept: Object.fromEntries(kept.map(({ stackName, stays }) => [stackName, stays])),
    remove: (aws = cloud.aws()) => deleteLeftBehind({ ...request, deletions }, { ...dependencies(), aws }),
  };
}

const namesLeft = () => [...cloud.stacks.keys()].sort();

test('deletes each stack after those that import from it, and nothing else', async () => {
  // given
  const idOf = (name: string) => `arn:aws:cloudformation:eu-west-1:111111111111:changeSet/${name}/uuid`;
  await ship(STAYING, ...CHAIN);
  for (const [name, changeSet] of [
    ['Stock', 'cdk-deploy-change-set'],
    ['Foreign', changeSetName('d'.repeat(32), clock.now(), { owner: stackOwner('other', 'infra') })],
    ['Sandbox', changeSetName('d'.repeat(32), clock.now(), { owner: { ...OURS, more: 'ada-0-0123456789ab' } })],
  ] as const) {
    cloud.put(name, 'CREATE_COMPLETE', { changeSetId: idOf(changeSet), updatedAt: clock.now() });
  }

  // when
  const { going, remove } = await found();
  const report = await remove();

  // then
  expect(going).toEqual(['Top', 'Middle', 'Base']);
  expect(report).toMatchObject({ success: true, stacks: Array(3).fill({ outcome: 'deleted' }) });
  expect(namesLeft()).toEqual(['Foreign', 'Sandbox', 'Staying', 'Stock']);

  // and there is nothing left to do
  expect((await found()).going).toEqual([]);
});

test('says of each resource what becomes of it', async () => {
  const Old = {
    Resources: {
      Orders: { Type: 'AWS::DynamoDB::Table' },
      Archive: { Type: 'AWS::S3::Bucket', DeletionPolicy: 'Retain' },
      Backup: { Type: 'AWS::RDS::DBCluster' },
      Topic: { Type: 'AWS::SNS::Topic' },
    },
  };
  await ship(STAYING, { id: 'Old', template: Old });
  const [deletion] = (await found()).deletions;
  expect(deletion!.changes.map(({ logicalId, action, data }) => [logicalId, action, data])).toEqual([
    ['Archive', 'Retain', 'kept'],
    ['Backup', 'Remove', 'snapshot'],
    ['Orders', 'Remove', 'lost'],
    ['Topic', 'Remove', undefined],
  ]);
});

describe('a stack stays', () => {
  test('with termination protection, and so does what it imports from', async () => {
    await ship(STAYING, ...CHAIN);
    cloud.stacks.get('Middle')!.terminationProtection = true;
    expect(await found()).toMatchObject({
      going: ['Top'],
      kept: {
        Middle: 'its termination protection is on',
        Base: 'the stack Middle, which stays, imports an export of it',
      },
    });
  });

  test('that somebody has worked on since', async () => {
    await ship(STAYING, { id: 'Old' });
    cloud.stacks.get('Old')!.updatedAt += 3600_000;
    expect((await found()).kept).toEqual({ Old: 'somebody has worked on it since the app deployed it' });
  });

  test('on which an operation is running', async () => {
    await ship(STAYING, { id: 'Old' });
    cloud.stacks.get('Old')!.status = 'UPDATE_IN_PROGRESS';
    expect((await found()).kept).toEqual({ Old: 'an operation is running' });
  });

  test('of which somebody else imports an export; not if that one is deployed before, without the import', async () => {
    // given
    const user: TestStack = { id: 'User', template: importing('base') };
    await ship(CHAIN[0]!, user);
    const why = { Base: 'the stack User imports its export base' };

    // then
    expect((await found([user], { deployed: true })).kept).toEqual(why);
    const without: TestStack = { ...user, template: queues('Uses') };
    expect((await found([without])).kept).toEqual(why);
    expect((await found([without], { deployed: true })).going).toEqual(['Base']);
  });

  test('that another app of the workspace holds by now', async () => {
    await ship(STAYING, { id: 'Moved' }, { id: 'Old' });
    const elsewhere = {
      ...given([{ id: 'Old' }]).stacks[0]!,
      target: { account: '222222222222', region: 'eu-west-1' },
    };
    const otherApps = [{ project: 'other', stacks: [given([{ id: 'Moved' }]).stacks[0]!, elsewhere] }];
    expect(await found([STAYING], { otherApps })).toMatchObject({
      going: ['Old'],
      kept: { Moved: 'the project other holds it' },
    });
  });

  test('of another environment, where only one is meant', async () => {
    const template = (path: string) => ({
      Resources: { Queue: { Type: 'AWS::SQS::Queue', Metadata: { 'aws:cdk:path': path } } },
    });
    await ship(
      STAYING,
      { id: 'staging/Old', template: template('staging/Old/Queue') },
      { id: 'prod/Old', template: template('prod/Old/Queue') },
      { id: 'Unknown' },
    );
    const why = 'it is not known to be of the environment staging';
    expect(await found([STAYING], { environment: 'staging' })).toMatchObject({
      going: ['staging-Old'],
      kept: { 'prod-Old': why, Unknown: why },
    });
  });
});

describe('nothing is deleted', () => {
  test("of a stack that has changed since it was shown, or is somebody else's by now", async () => {
    await ship(STAYING, { id: 'Old' });
    const { remove } = await found();
    const old = cloud.stacks.get('Old')!;
    const before = { ...old };
    for (const change of [
      { updatedAt: before.updatedAt + 1000 },
      { status: 'UPDATE_COMPLETE' },
      { changeSetId: 'arn:aws:cloudformation:eu-west-1:111111111111:changeSet/cdk-deploy-change-set/uuid' },
    ]) {
      Object.assign(old, before, change);
      expect(await remove()).toMatchObject({ success: false, stacks: [{ failure: { code: 'PlanMoved' } }] });
    }
    Object.assign(old, before, { terminationProtection: true });
    expect(await remove()).toMatchObject({ stacks: [{ failure: { code: 'TerminationProtected' } }] });
    expect(cloud.calls).not.toContain('DeleteStack');
  });

  test('of a stack that was deleted and created anew', async () => {
    await ship(STAYING, { id: 'Old' });
    const { remove } = await found();
    const { changeSetId, updatedAt } = cloud.stacks.get('Old')!;
    cloud.put('Old', 'CREATE_COMPLETE', { changeSetId, updatedAt });
    expect(await remove()).toMatchObject({ success: true, stacks: [{ outcome: 'unchanged' }] });
    expect(cloud.calls).not.toContain('DeleteStack');
  });

  test('that the app holds, whatever a plan says', async () => {
    await ship(STAYING, { id: 'Old' });
    const { deletions } = await found();
    const assembly = given([STAYING, { id: 'Old' }]);
    const report = await deleteLeftBehind({ assembly, stacks: ['Staying'], owner: OURS, deletions }, dependencies());
    expect(report).toMatchObject({ stacks: [{ failure: { message: /the app has not left it behind/ } }] });
    expect(cloud.calls).not.toContain('DeleteStack');
  });

  test('with a role that is no execution role of the target', async () => {
    await ship(STAYING, { id: 'Old' });
    cloud.stacks.get('Old')!.roleArn = 'arn:aws:iam::111111111111:role/admin';
    await expect(found()).rejects.toMatchObject({ code: 'RoleNotAdmitted', subject: 'Old' });

    // but it is with one that is admitted
    const aws = { ...cloud.aws(), admission: admissionOf({ names: ['admin'] }) };
    const request = { assembly: given([STAYING]), stacks: ['Staying'], owner: OURS };
    const { deletions } = await findDeletions(request, { ...dependencies(), aws });
    expect(deletions).toMatchObject([{ executionRoleArn: 'arn:aws:iam::111111111111:role/admin' }]);
    await expect(deleteLeftBehind({ ...request, deletions }, dependencies())).rejects.toMatchObject({
      code: 'RoleNotAdmitted',
    });
    await deleteLeftBehind({ ...request, deletions }, { ...dependencies(), aws });
    expect(namesLeft()).toEqual(['Staying']);
  });

  test.each([undefined, { ...OURS, more: 'ada-0-0123456789ab' }])('by an owner %o', async (owner) => {
    await expect(found([STAYING], { owner })).rejects.toMatchObject({ code: 'BadOption' });
  });

  test('where not all stacks can be looked at', async () => {
    await ship(STAYING, { id: 'Old' });
    cloud.pageSize = 1;
    let pages = 0;
    cloud.intercept = (action) => {
      if (action === 'DescribeStacks' && (pages += 1) > 1)
        throw Object.assign(new Error('no'), { name: 'AccessDenied' });
    };
    await expect(found()).rejects.toThrow('no');
  });
});

test.each(FAULTS)(
  'whatever call it is at which %s, the next run ends it, and only what was shown is deleted',
  async (kind) => {
    const start = async (fault?: Fault) => {
      cloud.stacks.clear();
      cloud.calls.length = 0;
      await ship(STAYING, ...CHAIN);
      const { remove } = await found();
      cloud.calls.length = 0;
      const killed = Promise.withResolvers<undefined>();
      return Promise.race([remove(faultyClients(cloud.aws(), fault, () => killed.resolve(undefined))), killed.promise]);
    };
    const asked: string[] = [];
    cloud.intercept = (action, { StackName }) => {
      if (action === 'DeleteStack') asked.push(StackName.split('/')[1]!);
    };
    expect(await start()).toMatchObject({ success: true });
    const calls = [...cloud.calls];
    expect(calls.filter((call) => call === 'DeleteStack')).toHaveLength(3);

    for (const [index, name] of calls.entries()) {
      // when
      const report = await start({ call: index + 1, kind });
      if (report === undefined) {
        const { remove } = await found();
        expect({ call: `${index + 1} ${name}`, ...(await remove()) }).toMatchObject({ success: true });
      }

      // then
      expect({ call: `${index + 1} ${name}`, left: namesLeft() }).toEqual({
        call: `${index + 1} ${name}`,
        left: ['Staying'],
      });
    }
    expect(new Set(asked)).toEqual(new Set(['Top', 'Middle', 'Base']));
    expect(events.filter((event) => event.type === 'item-finished' && event.outcome === 'failed')).toEqual([]);
  },
);

describe('asking', () => {
  const shown = 'what\nis deleted';
  const ask = (answer: boolean | undefined) => {
    const asked: unknown[] = [];
    const deletions = [plannedDeletion('Old'), plannedDeletion('Older')];
    const talk = async (...question: readonly unknown[]) => {
      asked.push(question);
      return answer;
    };
    return { asked, answer: askToDeleteLeftBehind(deletions, shown, talk, 'add --yes') };
  };

  test.each([true, false])('shows everything, and takes %s for an answer', async (yes) => {
    const { asked, answer } = ask(yes);
    await expect(answer).resolves.toBe(yes);
    expect(asked).toEqual([['Delete 2 stacks in 111111111111/eu-west-1?', ['what', 'is deleted']]]);
  });

  test('is refused where nobody can be asked', async () => {
    await expect(ask(undefined).answer).rejects.toMatchObject({
      code: 'NotConfirmed',
      message: expect.stringMatching(/nothing was deleted \(Old, Older\): add --yes/),
    });
  });
});
