import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { openPlanBed, type PlanBed } from '../plan/plan-bed.ts';
import { twoTopics } from './apps.ts';

let bed: PlanBed;

beforeAll(async () => {
  bed = await openPlanBed();
});

afterAll(() => bed?.close());

async function exportsOf(StackName: string): Promise<string[]> {
  const { Stacks } = await bed.admin.send(new DescribeStacksCommand({ StackName }));
  return (Stacks![0]!.Outputs ?? []).flatMap(({ ExportName }) => ExportName ?? []);
}

test('a plan says that an export goes in two steps, and a deployment by that plan makes both', async () => {
  // given
  await bed.ship(await bed.release('planned-1', twoTopics('Planned', { uses: true })));
  const assembly = await bed.release('planned-2', twoTopics('Planned', { uses: false, has: false, more: 'Three' }));

  // when
  const planned = await bed.plan('planned', assembly);

  // then
  expect(planned).toMatchObject({ code: 0 });
  expect(planned.stack('A').reasons).toContainEqual(
    expect.stringMatching(/^two steps: keeps its exports Planned-A:\S*Two\S* until B no longer imports them$/),
  );
  expect(planned.markdown).toContain('two steps');

  // and
  const { code, output } = await bed.run('deploy', { assembly, plan: planned.file });
  expect({ code, output }).toEndWith(0);
  expect(await exportsOf('Planned-A')).toEqual([expect.stringContaining('One'), expect.stringContaining('Three')]);
});

test('a plan that cannot be carried out is not made', async () => {
  await bed.ship(await bed.release('alone-1', twoTopics('Alone', { uses: true })));
  const assembly = await bed.release('alone-2', twoTopics('Alone', { uses: false }));
  const { code, output } = await bed.plan('alone', assembly, { stacks: 'A' });
  expect({ code, output }).toEndWith(1);
  expect(output).toMatch(
    /A: its new template no longer exports \S+, which the stack Alone-B .*: deploy B in the same run/,
  );
});
