import { deploy } from '../deploy/index.ts';
import { queues, type TestStack } from '../cloudformation/testing/assembly.ts';
import { cloud, dependencies, given } from '../cloudformation/testing/each-test.ts';
import { approvalGate, type RequiredApproval } from './approval-gate.ts';

/** A queue, and a role that may do that with it. */
const allowing = (...actions: string[]) => ({
  Resources: {
    ...queues('Queue').Resources,
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          { PolicyName: 'p', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] } },
        ],
      },
    },
  },
});

interface Asking {
  readonly required?: RequiredApproval;
  readonly guarded?: ReadonlyMap<string, string>;
  readonly answer?: boolean | undefined;
  readonly hurried?: readonly string[];
}

let asked: { question: string; lines: readonly string[]; changed: boolean }[];

beforeEach(() => {
  asked = [];
});

const changes = () => cloud.calls.filter((call) => /^(Create|Execute|Delete|Update)/.test(call));

/** Deploys with the gate, and answers what it asks. */
async function ship(
  stacks: readonly TestStack[],
  { required = 'broadening', guarded = new Map(), hurried, ...more }: Asking = {},
) {
  const controller = new AbortController();
  const ask = async (question: string, lines: readonly string[]) => {
    asked.push({ question, lines, changed: changes().length > 0 });
    if ('answer' in more) return more.answer;
    controller.abort();
    return false;
  };
  const gates = [approvalGate({ required, guarded, hurried, ask, signal: controller.signal })];
  const assembly = given(stacks);
  cloud.calls.length = 0;
  return deploy(
    { assembly, stacks: stacks.map(({ id }) => id) },
    { ...dependencies(), signal: controller.signal, gates },
  );
}

const outcomes = ({ stacks }: Awaited<ReturnType<typeof ship>>) => stacks.map(({ outcome }) => outcome);

test('stacks that would allow more than now are asked about in one question, before anything changes', async () => {
  cloud.put('Known', 'CREATE_COMPLETE', { template: JSON.stringify(allowing('sqs:SendMessage')) });
  const stacks = [
    { id: 'Plain' },
    { id: 'Known', template: allowing('sqs:SendMessage', 'sqs:ReceiveMessage') },
    { id: 'New', template: allowing('sqs:*') },
  ];

  const report = await ship(stacks, { answer: true });

  expect(outcomes(report)).toEqual(['created', 'updated', 'created']);
  expect(asked).toHaveLength(1);
  const { question, lines, changed } = asked[0]!;
  expect(question).toBe('Deploy 2 stacks to 111111111111/eu-west-1?');
  expect(changed).toBe(false);
  expect(lines.join('\n')).toMatch(
    /^Known \(111111111111\/eu-west-1\): allows more than now\n {2}\+ Allow .*sqs:ReceiveMessage.*\nNew .*: allows more than now\n/,
  );
});

test.each([
  ['no', false, /^Role: allows more than now, and the answer was no: nothing was deployed\.$/],
  [
    'nobody there',
    undefined,
    /^Role: allows more than now, and there is no terminal to ask on: .*--yes; .*--release\)/,
  ],
])('the answer is %s: no stack of the run changes', async (_, answer, sentence) => {
  const report = await ship([{ id: 'Role', template: allowing('sqs:*') }, { id: 'Plain' }], { answer });

  expect(outcomes(report).toSorted()).toEqual(['failed', 'skipped']);
  expect(report.stacks.map(({ failure }) => failure)).toContainEqual(
    expect.objectContaining({ code: 'NotApproved', message: expect.stringMatching(sentence) }),
  );
  expect(changes()).toEqual([]);
});

test('Ctrl-C at the question: everything is skipped, nothing has changed', async () => {
  const report = await ship([{ id: 'Role', template: allowing('sqs:*') }, { id: 'Plain' }]);

  expect(asked).toHaveLength(1);
  expect(outcomes(report)).toEqual(['skipped', 'skipped']);
  expect(changes()).toEqual([]);
});

test('what is unchanged, or allows less, or nothing at all, asks nothing', async () => {
  const same = allowing('sqs:SendMessage');
  cloud.put('Same', 'CREATE_COMPLETE', { template: JSON.stringify(same) });
  cloud.put('Less', 'CREATE_COMPLETE', { template: JSON.stringify(allowing('sqs:SendMessage', 'sqs:ReceiveMessage')) });
  const guarded = new Map([['Same', 'prod']]);
  const stacks = [{ id: 'Same', template: same }, { id: 'Less', template: same }, { id: 'Plain' }];

  const report = await ship(stacks, { guarded });

  expect(outcomes(report)).toEqual(['unchanged', 'updated', 'created']);
  expect(asked).toEqual([]);
});

test('a stack of an environment that asks for an approval is asked about whatever it changes', async () => {
  const guarded = new Map([['prod/Data', 'prod']]);
  const stacks = [{ id: 'staging/Data' }, { id: 'prod/Data' }];

  const report = await ship(stacks, { required: 'never', guarded, answer: true });

  expect(outcomes(report)).toEqual(['created', 'created']);
  expect(asked).toMatchObject([{ lines: ['prod/Data (111111111111/eu-west-1): prod asks for an approval'] }]);
});

test.each<[RequiredApproval, object, readonly string[]]>([
  ['never', allowing('sqs:*'), []],
  ['any-change', queues('Queue'), ['One (111111111111/eu-west-1): is new']],
])('requireApproval %s is obeyed', async (required, template, lines) => {
  const report = await ship([{ id: 'One', template }], { required, answer: true });

  expect(outcomes(report)).toEqual(['created']);
  expect(asked.flatMap((one) => one.lines)).toEqual(lines);
});

describe('termination protection alone', () => {
  const guarded = new Map([['One', 'prod']]);
  const unprotected: TestStack[] = [{ id: 'One', terminationProtection: false }];
  beforeEach(async () => {
    await ship([{ id: 'One', terminationProtection: true }], { answer: true });
    asked = [];
  });

  test.each<[Asking, readonly string[]]>([
    [
      { guarded },
      ['One (111111111111/eu-west-1): prod asks for an approval; its termination protection would be disabled'],
    ],
    [{ required: 'any-change' }, ['One (111111111111/eu-west-1): its termination protection would be disabled']],
    [{}, []],
  ])('is asked about with %j, and switched after a yes', async (asking, lines) => {
    const report = await ship(unprotected, { ...asking, answer: true });

    expect(asked.flatMap((one) => one.lines)).toEqual(lines);
    expect(outcomes(report)).toEqual(['updated']);
    expect(cloud.stacks.get('One')!.terminationProtection).toBe(false);
  });

  test('stays after a no', async () => {
    const report = await ship(unprotected, { guarded, answer: false });

    expect(report.stacks[0]!.failure).toMatchObject({
      code: 'NotApproved',
      message: expect.stringMatching(/, and the answer was no: it stays as it is\.$/),
    });
    expect(cloud.stacks.get('One')!.terminationProtection).toBe(true);
  });
});

test('a stack that was asked about is not asked about its termination protection once more', async () => {
  const guarded = new Map([['One', 'prod']]);
  await ship([{ id: 'One', terminationProtection: true }], { guarded, answer: true });
  expect(asked).toHaveLength(1);
});

describe('an environment that wants to be asked, deployed in express mode', () => {
  const guarded = new Map([['Data', 'prod']]);

  test('is asked about in these words', async () => {
    const report = await ship([{ id: 'Data' }], { required: 'never', guarded, hurried: ['Data'], answer: true });
    expect(outcomes(report)).toEqual(['created']);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.lines[0]).toMatch(/prod asks for an approval; would be deployed in express mode/);
  });

  test('is refused where nobody can be asked, and another way out is named', async () => {
    const report = await ship([{ id: 'Data' }], { required: 'never', guarded, hurried: ['Data'], answer: undefined });
    expect(report.stacks[0]?.failure).toMatchObject({
      code: 'NotApproved',
      message: expect.stringMatching(/no terminal to ask on: leave --express out/),
    });
    expect(changes()).toEqual([]);
  });
});
