import type { Assembly, AssemblyStack } from '../assembly/index.ts';
import type { ConnectedAwsClients } from '../aws/index.ts';
import { rollback } from './index.ts';
import { remedyFor } from './stuck.ts';

/** An assembly and a CloudFormation with a stack in each of the given statuses. */
function given(statuses: Record<string, string>): { assembly: Assembly; stacks: string[]; aws: ConnectedAwsClients } {
  const stacks = Object.keys(statuses).map((id) => {
    const target = { account: '111111111111', region: 'eu-west-1' };
    return { id, stackName: id, target, dependencies: [] } as unknown as AssemblyStack;
  });
  const client = {
    send: async ({ input }: { input: { StackName: string } }) => {
      const StackStatus = statuses[input.StackName];
      return { Stacks: [{ StackName: input.StackName, StackStatus }] };
    },
  };
  const caller = { account: '111111111111', region: 'eu-west-1', partition: 'aws', arn: 'arn' };
  const aws = { caller: async () => caller, cloudFormation: async () => client } as unknown as ConnectedAwsClients;
  return { assembly: { directory: '/none', stacks, files: [], images: [] }, stacks: Object.keys(statuses), aws };
}

describe('what is done about a status', () => {
  test.each([
    ['CREATE_COMPLETE', 'none'],
    ['UPDATE_COMPLETE', 'none'],
    ['UPDATE_ROLLBACK_COMPLETE', 'none'],
    ['ROLLBACK_COMPLETE', 'none'],
    ['REVIEW_IN_PROGRESS', 'none'],
    ['UPDATE_IN_PROGRESS', 'wait'],
    ['CREATE_FAILED', 'roll-back'],
    ['UPDATE_FAILED', 'roll-back'],
    ['UPDATE_ROLLBACK_FAILED', 'continue'],
    ['ROLLBACK_FAILED', 'recreate'],
    ['DELETE_FAILED', 'recreate'],
  ])('%s: %s', (status, remedy) => {
    expect(remedyFor(status)).toBe(remedy);
  });
});

describe('rollback', () => {
  test('leaves good stacks alone, waits for nobody and says what cannot be rolled back', async () => {
    const { aws, ...request } = given({ Good: 'UPDATE_COMPLETE', Busy: 'UPDATE_IN_PROGRESS', Dead: 'ROLLBACK_FAILED' });
    const report = await rollback(request, { aws, listener: () => {} });
    expect(report).toMatchObject({
      success: false,
      stacks: [
        { id: 'Good', outcome: 'unchanged', detail: 'not stuck, UPDATE_COMPLETE' },
        { id: 'Busy', outcome: 'skipped', detail: expect.stringContaining('try again when it has ended') },
        { id: 'Dead', outcome: 'failed', detail: expect.stringContaining('nx deploy deletes and creates it anew') },
      ],
    });
  });

  test('refuses to orphan resources where it is not clear of which stack', async () => {
    const { aws, ...request } = given({ One: 'UPDATE_ROLLBACK_FAILED', Two: 'UPDATE_FAILED' });
    const asked = rollback({ ...request, orphan: ['Queue'] }, { aws, listener: () => {} });
    await expect(asked).rejects.toThrow('One, Two are stuck: choose one with --stacks.');
  });
});
