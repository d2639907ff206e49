import type { CreateStackRefactorInput } from '@aws-sdk/client-cloudformation';
import { changeSetName, stackOwner } from '../cloudformation/index.ts';
import type { TestStack } from '../cloudformation/testing/assembly.ts';
import { clock, cloud, dependencies, events, given } from '../cloudformation/testing/each-test.ts';
import { refactor } from './index.ts';
import type { RefactorRequest } from './refactor.ts';

const OURS = stackOwner('acme', 'infra');

const queue = (timeout: number, path?: string) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { VisibilityTimeout: timeout },
  ...(path !== undefined && { Metadata: { 'aws:cdk:path': path } }),
});
const metadata = (value: string) => ({ Type: 'AWS::CDK::Metadata', Properties: { Analytics: value } });
const template = (Resources: Record<string, object>, more: object = {}) => ({ Resources, ...more });

/** Deploys what the app was. */
function put(name: string, resources: Record<string, object>, more: object = {}) {
  cloud.put(name, 'UPDATE_COMPLETE', { template: JSON.stringify(template(resources)), ...more });
}

const BEFORE = {
  Data: { Old: queue(1, 'staging/Data/Old'), Stays: queue(2), Meta: metadata('old') },
  Service: { Own: queue(3), Moving: queue(4, 'staging/Data/Moving'), Meta: metadata('old') },
};
const NOW: TestStack[] = [
  {
    id: 'staging/Data',
    template: template({
      New: queue(1, 'staging/Data/New'),
      Stays: queue(2),
      Moving: queue(4, 'x'),
      Meta: metadata('new'),
    }),
  },
  { id: 'staging/Service', template: template({ Own: queue(3), Meta: metadata('new') }) },
];
const MOVES = ['staging-Data.Old -> staging-Data.New', 'staging-Service.Moving -> staging-Data.Moving'];

function deployed() {
  put('staging-Data', BEFORE.Data);
  put('staging-Service', BEFORE.Service);
}

async function run(stacks = NOW, more: Partial<RefactorRequest> = {}, confirm?: Answer) {
  const assembly = given(stacks);
  const request = { assembly, stacks: stacks.map(({ id }) => id), owner: OURS, ...more };
  return refactor(request, { ...dependencies(), ...(confirm && { confirm }) });
}

type Answer = (question: string, lines: readonly string[]) => Promise<boolean | undefined>;

const sent = (): CreateStackRefactorInput[] => cloud.refactors.created.map(({ input }) => input);
const mapped = ({ ResourceMappings = [] }: CreateStackRefactorInput) =>
  ResourceMappings.map(
    ({ Source, Destination }) =>
      `${Source!.StackName}.${Source!.LogicalResourceId} -> ${Destination!.StackName}.${Destination!.LogicalResourceId}`,
  );
const changing = () => cloud.calls.filter((call) => /^(Create|Execute|Delete|Update)/.test(call));

test('moves what has another name or stack, by one refactoring, and nothing is replaced', async () => {
  deployed();
  const report = await run();
  expect(report).toMatchObject({ success: true, targets: [{ outcome: 'updated', target: '111111111111/eu-west-1' }] });
  expect(changing()).toEqual(['CreateStackRefactor', 'ExecuteStackRefactor']);
  const [input] = sent();
  expect(mapped(input!)).toEqual(MOVES);
  // What CDK says of the app itself stays as it is: a refactoring may change nothing.
  expect(input!.StackDefinitions!.map(({ StackName, TemplateBody }) => [StackName, JSON.parse(TemplateBody!)])).toEqual(
    [
      [
        'staging-Data',
        template({ New: queue(1, 'staging/Data/New'), Stays: queue(2), Moving: queue(4, 'x'), Meta: metadata('old') }),
      ],
      ['staging-Service', template({ Own: queue(3), Meta: metadata('old') })],
    ],
  );
  expect(input!.EnableStackCreation).toBeUndefined();

  // and once more there is nothing to do
  expect(await run()).toMatchObject({ success: true, targets: [{ outcome: 'unchanged' }] });
  expect(sent()).toHaveLength(1);
});

describe('somebody', () => {
  test('is shown each move, and asked', async () => {
    deployed();
    const asked: unknown[] = [];
    await run(NOW, {}, async (...shown) => Boolean(asked.push(shown)));
    expect(asked).toEqual([
      [
        'Move 2 resources in 111111111111/eu-west-1?',
        [
          '111111111111/eu-west-1:',
          '  AWS::SQS::Queue: staging/Data/Old (staging-Data.Old) -> staging/Data/New (staging-Data.New)',
          '  AWS::SQS::Queue: staging/Data/Moving (staging-Service.Moving) -> x (staging-Data.Moving)',
        ],
      ],
    ]);
  });

  test('who says no keeps all as it is', async () => {
    deployed();
    expect(await run(NOW, {}, async () => false)).toMatchObject({ success: false, declined: true, targets: [] });
    expect(changing()).toEqual([]);
  });

  test('has to be there, or to have said yes before', async () => {
    deployed();
    await expect(run(NOW, {}, async () => undefined)).rejects.toMatchObject({ code: 'NotConfirmed' });
    expect(changing()).toEqual([]);
  });
});

test('a dry run shows it, asks nobody and sends nothing that changes anything', async () => {
  deployed();
  const report = await run(NOW, { dryRun: true }, () => Promise.reject(new Error('asked')));
  expect(report).toMatchObject({ success: true, targets: [{ outcome: 'planned', moves: [{}, {}] }] });
  expect(changing()).toEqual([]);
});

describe('nothing moves if', () => {
  const refused = async (code: string, message: RegExp, ...given_: Parameters<typeof run>) => {
    await expect(run(...given_)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(changing()).toEqual([]);
  };

  test('the app changes something else there', async () => {
    put('staging-Data', { Old: queue(1), Other: queue(7, 'staging/Data/Other') });
    await refused('NotOnlyMoves', /staging\/Data\/Other.*may only move/, [
      { id: 'staging/Data', template: template({ New: queue(1), Other: queue(8, 'staging/Data/Other') }) },
    ]);
  });

  test('nobody can tell which is which', async () => {
    put('staging-Data', { A: queue(1), B: queue(1) });
    await refused('AmbiguousMove', /staging-Data\.A, staging-Data\.B became staging-Data\.C, staging-Data\.D/, [
      { id: 'staging/Data', template: template({ C: queue(1), D: queue(1) }) },
    ]);
  });

  test('a stack is new', async () => {
    put('staging-Data', { A: queue(1), B: queue(2) });
    await refused('NotRefactorable', /staging-New: there is no such stack .* deploy it first/, [
      { id: 'staging/Data', template: template({ A: queue(1) }) },
      { id: 'staging/New', template: template({ B: queue(2) }) },
    ]);
  });

  test('something runs', async () => {
    deployed();
    cloud.stacks.get('staging-Data')!.status = 'UPDATE_IN_PROGRESS';
    await refused('NotRefactorable', /it is UPDATE_IN_PROGRESS/);
  });

  test('a stack would be empty', async () => {
    put('staging-Data', { A: queue(1) });
    put('staging-Service', { B: queue(2) });
    await refused('NotRefactorable', /nothing would be left in it/, [
      { id: 'staging/Data', template: template({ A: queue(1), B: queue(2) }) },
      { id: 'staging/Service', template: template({}) },
    ]);
  });

  test('more stacks take part than CloudFormation takes', async () => {
    const names = ['A', 'B', 'C', 'D', 'E', 'F'];
    names.forEach((name, index) => put(name, { [name]: queue(index) }));
    const stacks = names.map((id, index) => ({ id, template: template({ [`${id}2`]: queue(index) }) }));
    await refused('NotRefactorable', /6 stacks take part/, stacks);
  });

  test('a template does not go into a request', async () => {
    put('staging-Data', { Old: queue(1) });
    const Description = 'x'.repeat(60_000);
    await refused('TemplateTooLarge', /cdk <project> -- refactor/, [
      { id: 'staging/Data', template: template({ New: queue(1) }, { Description }) },
    ]);
  });

  test('a template is not that of the release', async () => {
    deployed();
    await refused('ReleaseMismatch', /is not the one of the release/, NOW, {
      templates: new Map([['staging/Data', 'a'.repeat(64)]]),
    });
  });
});

test('changes in stacks that take no part do not matter', async () => {
  deployed();
  put('staging-Else', { One: queue(8) });
  const report = await run([...NOW, { id: 'staging/Else', template: template({ One: queue(9) }) }]);
  expect(report.success).toBe(true);
  expect(sent()[0]!.StackDefinitions!.map(({ StackName }) => StackName)).toEqual(['staging-Data', 'staging-Service']);
});

test('a stack that imports by another name takes part', async () => {
  const passing = (id: string) => ({
    Data: template(
      { [id]: queue(1) },
      { Outputs: { Out: { Value: { 'Fn::GetAtt': [id, 'Arn'] }, Export: { Name: `Data:${id}` } } } },
    ),
    Service: template({
      Topic: { Type: 'AWS::SNS::Topic', Properties: { Queue: { 'Fn::ImportValue': `Data:${id}` } } },
    }),
  });
  const before = passing('Old');
  put('Data', {}, { template: JSON.stringify(before.Data) });
  put('Service', {}, { template: JSON.stringify(before.Service) });
  const after = passing('New');
  expect(
    await run([
      { id: 'Data', template: after.Data },
      { id: 'Service', template: after.Service },
    ]),
  ).toMatchObject({ success: true });
  expect(sent()[0]!.StackDefinitions!.map(({ StackName }) => StackName)).toEqual(['Data', 'Service']);
  expect(mapped(sent()[0]!)).toEqual(['Data.Old -> Data.New']);
});

describe('a stack that the app has left', () => {
  const owned = (owner = OURS) => ({
    changeSetId: `arn:aws:cloudformation:eu-west-1:111111111111:changeSet/${changeSetName('d'.repeat(32), clock.now(), { owner })}/uuid`,
    updatedAt: clock.now(),
  });
  const stacks: TestStack[] = [{ id: 'Data', template: template({ Stays: queue(1), Moved: queue(2) }) }];
  const request = { formerStacks: ['Former'] };

  test('gives its resources, and keeps what CDK says of itself', async () => {
    put('Data', { Stays: queue(1) });
    put('Former', { Was: queue(2), Meta: metadata('old') }, owned());
    expect(await run(stacks, request)).toMatchObject({ success: true, targets: [{ outcome: 'updated' }] });
    expect(mapped(sent()[0]!)).toEqual(['Former.Was -> Data.Moved']);
    const former = sent()[0]!.StackDefinitions!.find(({ StackName }) => StackName === 'Former')!;
    expect(JSON.parse(former.TemplateBody!)).toEqual(template({ Meta: metadata('old') }));
  });

  test.each([
    ['another app', () => owned(stackOwner('acme', 'other'))],
    ['an instance', () => owned({ ...OURS, more: 'ada-0-0123456789ab' })],
    ['another tool', () => ({})],
  ])('is left alone if %s deployed it last', async (_, more) => {
    put('Data', { Stays: queue(1) });
    put('Former', { Was: queue(2), Meta: metadata('old') }, more());
    await expect(run(stacks, request)).rejects.toMatchObject({ code: 'NotRefactorable', subject: 'Former' });
    expect(changing()).toEqual([]);
  });
});

test('overrides say which is which, by logical ids or paths', async () => {
  put('Data', { A: queue(1, 'Data/A'), B: queue(1, 'Data/B') });
  const stacks = [{ id: 'Data', template: template({ C: queue(1, 'Data/C'), D: queue(1, 'Data/D') }) }];
  const place = { account: '111111111111', region: 'eu-west-1' };
  await run(stacks, { overrides: [{ ...place, resources: { 'Data/A': 'Data.D' } }] });
  expect(mapped(sent()[0]!)).toEqual(['Data.A -> Data.D', 'Data.B -> Data.C']);
  const unknown = run(stacks, { overrides: [{ ...place, resources: { 'Data.X': 'Data.D' } }] });
  await expect(unknown).rejects.toMatchObject({ code: 'BadOption' });
  // Another account has its own.
  const elsewhere = [{ account: '222222222222', region: 'eu-west-1', resources: { 'Data.X': 'Data.D' } }];
  expect(await run(stacks, { overrides: elsewhere })).toMatchObject({ targets: [{ outcome: 'unchanged' }] });
});

describe('what CloudFormation has worked out', () => {
  test('is not executed if it is more than was shown', async () => {
    deployed();
    cloud.refactors.more = [{ Action: 'CREATE', Entity: 'STACK' }];
    const report = await run();
    expect(report.targets).toMatchObject([{ outcome: 'failed', failure: { code: 'NotOnlyMoves' } }]);
    expect(changing()).toEqual(['CreateStackRefactor']);
  });

  test('may be a refusal, whose reason is told', async () => {
    deployed();
    cloud.refactors.refusal = 'Resource type AWS::SQS::Queue is not supported.';
    const report = await run();
    expect(report.targets).toMatchObject([
      {
        outcome: 'failed',
        failure: {
          code: 'RefactorFailed',
          message: expect.stringMatching(/AWS::SQS::Queue is not supported \(CREATE/),
        },
      },
    ]);
    expect(changing()).toEqual(['CreateStackRefactor']);
  });
});

test.each(['EXECUTE_FAILED', 'ROLLBACK_COMPLETE'])('an execution that ends in %s is a failure', async (ending) => {
  deployed();
  cloud.refactors.ending = ending;
  expect(await run()).toMatchObject({
    success: false,
    targets: [{ outcome: 'failed', failure: { code: 'RefactorFailed', message: expect.stringContaining(ending) } }],
  });
});

test('a deploy role of an old bootstrap may not refactor, and what to do about it is said', async () => {
  deployed();
  cloud.intercept = (action) => {
    if (action !== 'CreateStackRefactor') return;
    throw Object.assign(new Error('no'), { name: 'AccessDenied' });
  };
  expect((await run()).targets).toMatchObject([
    { outcome: 'failed', failure: { message: expect.stringContaining('run nx bootstrap') } },
  ]);
});

test('an answer that gets lost changes nothing about it', async () => {
  deployed();
  cloud.losing.add('ExecuteStackRefactor');
  expect(await run()).toMatchObject({ success: true });
  expect(await run()).toMatchObject({ success: true, targets: [{ outcome: 'unchanged' }] });
});

test('environments are refactored one after the other, each on its own; a failure ends it', async () => {
  const stage = (name: string): TestStack => ({ id: `${name}/Data`, template: template({ New: queue(1) }) });
  for (const name of ['staging', 'prod']) put(`${name}-Data`, { Old: queue(1) });
  cloud.refactors.refusal = 'no.';
  const promotion = [
    { name: 'staging', stackIds: ['staging/Data'] },
    { name: 'prod', stackIds: ['prod/Data'] },
  ];
  const report = await run([stage('prod'), stage('staging')], { promotion });
  expect(report.targets.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['staging (111111111111/eu-west-1)', 'failed'],
    ['prod (111111111111/eu-west-1)', 'skipped'],
  ]);
  expect(sent().map(mapped)).toEqual([['staging-Data.Old -> staging-Data.New']]);
  expect(events.filter(({ type }) => type === 'item-finished')).toHaveLength(2);
});
