import { queues } from 'nx-cdk/src/cloudformation/testing/assembly.ts';
import { VERSION_PARAMETER } from './environment-template.ts';
import { modern, Rehearsal, type RunOptions } from './rehearsal.ts';

let rehearsal: Rehearsal;

beforeAll(async () => {
  rehearsal = await Rehearsal.start();
});

afterAll(() => rehearsal.stop());

/** A template with a parameter whose name is taken, if it is wrong. */
const template = (isWrong: boolean, ...names: string[]) => {
  const Properties = { Type: 'String', Name: VERSION_PARAMETER, Value: 'taken' };
  const { Resources } = queues(...names);
  return { Resources: { ...Resources, ...(isWrong && { Taken: { Type: 'AWS::SSM::Parameter', Properties } }) } };
};

const run = async (id: string, wanted: object, more: RunOptions = {}) => {
  const options: RunOptions = { deploymentMode: () => 'express', ...more };
  return (await rehearsal.run([modern(id, wanted)], options)).stacks[0]!;
};

describe('express mode, with the permissions of the deploy role alone', () => {
  test('is what the stack was deployed in, and a stack of it is unchanged in either mode', async () => {
    expect(await run('Quick', template(false, 'One'))).toMatchObject({ outcome: 'created' });
    expect(await rehearsal.stackInAws('Quick')).toMatchObject({ DeploymentConfig: { Mode: 'EXPRESS' } });
    expect((await run('Quick', template(false, 'One'))).outcome).toBe('unchanged');
    expect((await run('Quick', template(false, 'One'), { deploymentMode: undefined })).outcome).toBe('unchanged');
  });

  test('rolls nothing back, and goes on in express mode alone', async () => {
    const failed = await run('Quick', template(true, 'One', 'Two'));
    expect(failed.failure?.message).toMatch(/status is UPDATE_FAILED: correct the cause and deploy again with --expr/);

    const standard = await run('Quick', template(false, 'One', 'Two'), { deploymentMode: undefined });
    expect(standard.failure).toMatchObject({ code: 'StuckStack' });

    expect((await run('Quick', template(false, 'One', 'Two'))).outcome).toBe('updated');
    expect(await rehearsal.stackInAws('Quick')).toMatchObject({ StackStatus: 'UPDATE_COMPLETE' });
    const again = await run('Quick', template(false, 'One'), { deploymentMode: undefined });
    expect(again.outcome).toBe('updated');
  });

  test('rolls back where somebody asks for it', async () => {
    const failed = await run('Quick', template(true, 'One', 'Two'), { rollback: true });
    expect(failed.failure?.message).toMatch(/status is UPDATE_ROLLBACK_COMPLETE/);
    expect((await run('Quick', template(false, 'One', 'Two'))).outcome).toBe('updated');
  });

  test('goes on with a stack that it could not create', async () => {
    expect((await run('New', template(true, 'One'))).failure?.message).toMatch(/status is CREATE_FAILED/);
    expect((await run('New', template(false, 'One'))).outcome).toBe('updated');
  });
});

describe('alarms', () => {
  const alarms = (...names: string[]) => ({ monitoring: () => ({ alarms: names }), deploymentMode: undefined });
  const ofStack = async () => (await rehearsal.stackInAws('Watched'))?.RollbackConfiguration?.RollbackTriggers ?? [];

  test('are set with a change, and stay where the environment says nothing of them', async () => {
    await run('Watched', template(false, 'One'), alarms('late'));
    expect(await ofStack()).toEqual([]);

    await run('Watched', template(false, 'One', 'Two'), alarms('late'));
    expect(await ofStack()).toEqual([{ Arn: expect.stringMatching(/:alarm:late$/), Type: 'AWS::CloudWatch::Alarm' }]);
    await run('Watched', template(false, 'One'), { deploymentMode: undefined });
    expect(await ofStack()).toHaveLength(1);
    await run('Watched', template(false, 'One', 'Two'), alarms());
    expect(await ofStack()).toEqual([]);
  });

  test('of an unchanged stack that differ are named, by the one look there is', async () => {
    const wanted = template(false, 'One', 'Two');
    expect((await run('Watched', wanted, alarms())).notes).toEqual([]);
    rehearsal.requests();
    expect(await run('Watched', wanted, { ...alarms('late'), publish: false })).toMatchObject({
      outcome: 'unchanged',
      notes: ['it gets the alarms of its environment with its next change'],
    });
    expect(rehearsal.requests().filter((request) => !request.includes('AssumeRole'))).toEqual([
      'cloudformation:DescribeStacks',
    ]);
  });
});
