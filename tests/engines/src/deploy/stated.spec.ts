import { UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { ACCOUNT, queues, REGION } from 'nx-cdk/src/cloudformation/testing/assembly.ts';
import { modern, Rehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;

beforeAll(async () => {
  rehearsal = await Rehearsal.start();
});

afterAll(() => rehearsal.stop());

describe('what the app does not state', () => {
  const topic = `arn:aws:sns:${REGION}:${ACCOUNT}:operations`;
  const Tags = [{ Key: 'cost', Value: 'center' }];
  const plan = (version: string, more: object = {}) => modern('Loose', queues(version), more);

  test('is left alone: topics and tags that somebody has set elsewhere', async () => {
    await rehearsal.run([plan('One')]);
    const client = await rehearsal.cloudFormation();
    const update = { StackName: 'Loose', UsePreviousTemplate: true, NotificationARNs: [topic] };
    await client.send(new UpdateStackCommand(update));
    await client.send(new UpdateStackCommand({ ...update, Tags }));

    const same = await rehearsal.run([plan('One')]);
    expect(same.stacks[0]).toMatchObject({ outcome: 'unchanged', notes: [] });
    const report = await rehearsal.run([plan('Two')]);
    expect(report.stacks[0]).toMatchObject({ outcome: 'updated', notes: ['template differs'] });
    expect(await rehearsal.stackInAws('Loose')).toMatchObject({ NotificationARNs: [topic], Tags });
  });

  test('is set where it is stated, and taken away where an empty list is', async () => {
    const other = `${topic}-of-the-app`;
    const stated = await rehearsal.run([plan('Two', { notificationArns: [other], tags: { team: 'orders' } })]);
    expect(stated.stacks[0]).toMatchObject({ notes: ['tags differ', 'notification topics differ'] });
    expect(await rehearsal.stackInAws('Loose')).toMatchObject({
      NotificationARNs: [other],
      Tags: [{ Key: 'team', Value: 'orders' }],
    });

    await rehearsal.run([plan('Two', { notificationArns: [] })]);
    const { NotificationARNs = [], Tags: left } = (await rehearsal.stackInAws('Loose'))!;
    expect({ NotificationARNs, left }).toEqual({ NotificationARNs: [], left: [{ Key: 'team', Value: 'orders' }] });
  });
});

describe('a default that changed', () => {
  const template = (name: string, plain: string) => ({
    Parameters: {
      Name: { Type: 'AWS::SSM::Parameter::Value<String>', Default: name },
      Plain: { Type: 'String', Default: plain },
    },
    Resources: queues('Queue').Resources,
    Outputs: { Name: { Value: { Ref: 'Name' } }, Plain: { Value: { Ref: 'Plain' } } },
  });
  const messages: string[] = [];
  const run = async (name: string, plain: string, parameters: readonly string[] = []) => {
    const listener = (event: ProgressEvent) => event.type === 'message' && messages.push(event.text);
    const { stacks } = await rehearsal.run([modern('Defaults', template(name, plain))], { parameters, listener });
    return stacks[0]!;
  };

  test('reaches a stack where nobody gave a value, and is said once', async () => {
    const ssm = await rehearsal.aws.ssm({ account: ACCOUNT, region: REGION });
    for (const Name of ['/x', '/y'])
      await ssm.send(new PutParameterCommand({ Name, Value: `value of ${Name}`, Type: 'String', Overwrite: true }));
    await run('/x', 'one');

    const changed = await run('/y', 'two');

    expect(changed.outputs).toEqual({ Name: 'value of /y', Plain: 'two' });
    expect(changed.notes).toEqual([
      'parameter Name is read from SSM and may have changed',
      'parameter Name gets its new default',
      'parameter Plain gets its new default',
    ]);
    expect(messages.filter((text) => /nobody gave a value/.test(text))).toHaveLength(1);
  });

  test('does not where somebody gave one', async () => {
    await run('/y', 'two', ['Plain=mine']);
    expect((await run('/x', 'three')).outputs).toEqual({ Name: 'value of /x', Plain: 'mine' });
  });
});
