import type { Assembly, AssemblyStack } from '../assembly/index.ts';
import type { ProgressEvent } from '../progress/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { chooseStacks, promotionOf } from './promotion.ts';

const IDS = ['prod/Data', 'prod/Service', 'staging/Data', 'staging/Service', 'Shared'];
const DEPENDENCIES: Record<string, string[]> = { 'staging/Service': ['staging/Data', 'Shared'] };
const ASSEMBLY = {
  directory: '/shop/cdk.out',
  stacks: IDS.map((id) => ({ id, dependencies: DEPENDENCIES[id] ?? [] }) as unknown as AssemblyStack),
} as unknown as Assembly;
const target = { account: '111111111111', region: 'eu-west-1' };

let workspace: TemporaryWorkspace;
beforeAll(() => {
  workspace = temporaryWorkspace({
    'environments.json': {
      ci: target,
      environments: [
        { name: 'staging', targets: [target] },
        { name: 'prod', targets: [{ ...target, account: '222222222222' }] },
        { name: 'later', targets: [{ ...target, account: '333333333333' }] },
      ],
    },
  });
});
afterAll(() => workspace.dispose());
const file = { environmentsFile: 'environments.json' };

describe('promotion', () => {
  test('goes in the order of the file, not in that of the assembly', async () => {
    expect(await promotionOf(workspace.root, ASSEMBLY, file)).toEqual([
      { name: 'staging', stackIds: ['staging/Data', 'staging/Service'] },
      { name: 'prod', stackIds: ['prod/Data', 'prod/Service'] },
      { name: 'later', stackIds: [] },
    ]);
  });

  test('has no order without a file', async () => {
    expect(await promotionOf(workspace.root, ASSEMBLY, {})).toEqual([]);
  });

  test('names the environments there are where it is asked for another one', async () => {
    await expect(promotionOf(workspace.root, ASSEMBLY, { ...file, environment: 'qa' })).rejects.toMatchObject({
      code: 'UnknownEnvironment',
      message: 'There is no environment "qa": there are staging, prod, later.',
    });
    // without a file the stages of the assembly are what there is
    await expect(promotionOf(workspace.root, ASSEMBLY, { environment: 'qa' })).rejects.toThrow(
      'there are prod, staging.',
    );
  });
});

describe('choosing stacks', () => {
  test.each([
    ['all of them', {}, IDS],
    ['an environment', { environment: 'staging' }, ['staging/Data', 'staging/Service']],
    [
      'a pattern, with what it depends on',
      { stacks: '*/Service' },
      ['prod/Service', 'staging/Data', 'staging/Service', 'Shared'],
    ],
    ['a pattern alone', { stacks: '*/Service', exclusively: true }, ['prod/Service', 'staging/Service']],
    ['a pattern with braces', { stacks: '{staging,prod}/Data' }, ['prod/Data', 'staging/Data']],
    ['a pattern in an environment', { stacks: '*/Data', environment: 'prod' }, ['prod/Data']],
    [
      'an environment is never left, not even for a dependency',
      { stacks: 'staging/Service', environment: 'staging' },
      ['staging/Data', 'staging/Service'],
    ],
  ])('%s', async (_, options, expected) => {
    expect((await chooseStacks(workspace.root, ASSEMBLY, { ...file, ...options })).stackIds).toEqual(expected);
  });

  test('nothing for an environment that the app has no stacks for while it has some for others, and that is told', async () => {
    const events: ProgressEvent[] = [];
    const chosen = await chooseStacks(workspace.root, ASSEMBLY, { ...file, environment: 'later' }, (event) =>
      events.push(event),
    );
    expect(chosen.stackIds).toEqual([]);
    const text = 'The app has no stack for the environment later: there is nothing to do.';
    expect(events).toEqual([{ type: 'message', level: 'info', text }]);
  });

  test('an environment of an app whose stages are called otherwise is a mistake, not a quiet success', async () => {
    const assembly = { ...ASSEMBLY, stacks: ASSEMBLY.stacks.map((stack) => ({ ...stack, id: `x-${stack.id}` })) };
    await expect(chooseStacks(workspace.root, assembly, { ...file, environment: 'later' })).rejects.toMatchObject({
      code: 'NothingSelected',
      message: expect.stringMatching(/^The environment later has no stack.*the assembly has x-prod\/Data/),
    });
  });

  test.each([
    ['a pattern where the environment has nothing', { environment: 'later', stacks: '*/Data' }, /^No stack of later/],
    [
      'a pattern of another environment',
      { environment: 'prod', stacks: 'staging/*' },
      /^No stack of prod is called staging\/\*: it has prod\/Data, prod\/Service\.$/,
    ],
  ])('%s is a mistake, not a quiet success', async (_, options, sentence) => {
    await expect(chooseStacks(workspace.root, ASSEMBLY, { ...file, ...options })).rejects.toMatchObject({
      code: 'NothingSelected',
      message: expect.stringMatching(sentence),
    });
  });
});
