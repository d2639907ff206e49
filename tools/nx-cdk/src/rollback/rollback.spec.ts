import type { Assembly, AssemblyStack } from '../assembly/index.ts';
import type { AwsClients } from '../aws/index.ts';
import { rollback } from './index.ts';

/** An assembly and a CloudFormation with a stack in each of the given statuses. */
function given(statuses: Record<string, string>): { assembly: Assembly; stacks: string[]; aws: AwsClients } {
  const stacks = Object.keys(statuses).map((id) => {
    const target = { account: '111111111111', region: 'eu-west-1' };
    return { id, stackName: id, target, dependencies: [] } as unknown as AssemblyStack;
  });
  const client = {
    send: async ({ input }: { input: { StackName?: string } }) => {
      const all = Object.entries(statuses).map(([StackName, StackStatus]) => ({ StackName, StackStatus }));
      return { Stacks: all.filter(({ StackName }) => [StackName, undefined].includes(input.StackName)) };
    },
  };
  const caller = { account: '111111111111', region: 'eu-west-1', partition: 'aws', arn: 'arn' };
  const aws = { caller: async () => caller, cloudFormation: async () => client } as unknown as AwsClients;
  return { assembly: { directory: '/none', stacks, files: [], images: [] }, stacks: Object.keys(statuses), aws };
}

describe('rollback', () => {
  test('leaves good stacks alone, waits for nobody and says what cannot be rolled back', async () => {
    const { aws, ...request } = given({
      Good: 'UPDATE_COMPLETE',
      Busy: 'UPDATE_IN_PROGRESS',
      Dead: 'ROLLBACK_FAILED',
      Half: 'IMPORT_ROLLBACK_FAILED',
    });
    const report = await rollback(request, { aws, listener: () => {} });
    expect(report).toMatchObject({
      success: false,
      stacks: [
        { id: 'Good', outcome: 'unchanged', detail: 'not stuck, UPDATE_COMPLETE' },
        { id: 'Busy', outcome: 'skipped', detail: expect.stringContaining('try again when it has ended') },
        {
          id: 'Dead',
          outcome: 'failed',
          failure: { code: 'StuckStack', message: expect.stringContaining('nx deploy deletes and creates it anew') },
        },
        {
          id: 'Half',
          outcome: 'failed',
          failure: { code: 'StuckStack', message: expect.stringContaining('repair it in the CloudFormation console') },
        },
      ],
    });
  });

  test('refuses to orphan resources where it is not clear of which stack', async () => {
    const { aws, ...request } = given({ One: 'UPDATE_ROLLBACK_FAILED', Two: 'UPDATE_FAILED' });
    const asked = rollback({ ...request, orphan: ['Queue'] }, { aws, listener: () => {} });
    await expect(asked).rejects.toThrow('One, Two are stuck: choose one with --stacks.');
  });
});
