import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { keyOf, type Template, type TemplateStack } from './model.ts';
import { compareStacks, type Override } from './moves.ts';

/** The toolkit does not export it; its own rule is what ours is compared with. */
const require = createRequire(import.meta.url);
const { RefactoringContext } = require(
  join(dirname(require.resolve('@aws-cdk/toolkit-lib')), 'api', 'refactoring', 'context.js'),
) as { RefactoringContext: new (props: object) => ToolkitContext };

interface ToolkitContext {
  readonly mappings: readonly { source: ToolkitLocation; destination: ToolkitLocation }[];
  readonly ambiguousPaths: readonly unknown[];
}

interface ToolkitLocation {
  toLocationString(): string;
}

type Resources = Readonly<Record<string, object>>;

const stack = (stackName: string, Resources: Resources, Outputs?: object): TemplateStack => ({
  stackName,
  template: { Resources, ...(Outputs && { Outputs }) } as Template,
});

const queue = (path: string, more: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { VisibilityTimeout: 30, ...more },
  Metadata: { 'aws:cdk:path': path },
});
const alarm = (queueId: string, more: object = {}) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { Dimension: { 'Fn::GetAtt': [queueId, 'QueueName'] }, ...more },
});
const subscription = (queueId: string) => ({
  Type: 'AWS::SNS::Subscription',
  Properties: { Endpoint: { 'Fn::GetAtt': [queueId, 'Arn'] } },
  DependsOn: [queueId],
});

const arrows = (moves: readonly Override[]) => moves.map(({ from, to }) => `${keyOf(from)} -> ${keyOf(to)}`);

const exporting = (name: string, logicalId: string) => ({
  [name]: { Value: { 'Fn::GetAtt': [logicalId, 'Arn'] }, Export: { Name: name } },
});

const CASES: readonly (readonly [string, TemplateStack[], TemplateStack[], string[]])[] = [
  ['nothing, if nothing has moved', [stack('A', { Q: queue('A/Q') })], [stack('A', { Q: queue('A/Q') })], []],
  [
    'a resource with another logical id, and what uses it stays',
    [stack('A', { Old: queue('A/Old'), Alarm: alarm('Old'), Sub: subscription('Old') })],
    [stack('A', { New: queue('A/New'), Alarm: alarm('New'), Sub: subscription('New') })],
    ['A.Old -> A.New'],
  ],
  [
    'a resource in another stack, that is used by an import now',
    [
      stack('A', {
        Q: queue('A/Q'),
        Sub: { ...subscription('Q'), DependsOn: undefined },
        T: { Type: 'AWS::SNS::Topic' },
      }),
      stack('B', { U: queue('u', { DelaySeconds: 1 }) }),
    ],
    [
      stack('A', {
        T: { Type: 'AWS::SNS::Topic' },
        Sub: { Type: 'AWS::SNS::Subscription', Properties: { Endpoint: { 'Fn::ImportValue': 'B:Q' } } },
      }),
      stack('B', { U: queue('u', { DelaySeconds: 1 }), Q: queue('B/Q') }, exporting('B:Q', 'Q')),
    ],
    ['A.Q -> B.Q'],
  ],
  [
    'resources that are alike, told apart by what uses them',
    [
      stack('A', {
        Q1: queue('1'),
        Q2: queue('2'),
        X: alarm('Q1', { Threshold: 1 }),
        Y: alarm('Q2', { Threshold: 2 }),
      }),
    ],
    [
      stack('A', {
        N1: queue('1'),
        N2: queue('2'),
        X: alarm('N1', { Threshold: 1 }),
        Y: alarm('N2', { Threshold: 2 }),
      }),
    ],
    ['A.Q1 -> A.N1', 'A.Q2 -> A.N2'],
  ],
  [
    'one of two that are alike, if the other one stays',
    [stack('A', { Q1: queue('1'), Q2: queue('2') })],
    [stack('A', { Q1: queue('1'), N2: queue('n') })],
    ['A.Q2 -> A.N2'],
  ],
];

/** What the toolkit finds. */
function byToolkit(deployed: readonly TemplateStack[], wanted: readonly TemplateStack[]): ToolkitContext {
  const environment = { account: '1', region: 'r', name: '' };
  const with_ = (stacks: readonly TemplateStack[]) => structuredClone(stacks).map((one) => ({ ...one, environment }));
  return new RefactoringContext({ environment, deployedStacks: with_(deployed), localStacks: with_(wanted) });
}

test.each(CASES)('finds %s, as the CDK toolkit does', (_, deployed, wanted, expected) => {
  const { moves, ambiguous, gone, added } = compareStacks(deployed, wanted);
  expect({ moves: arrows(moves), ambiguous, gone, added }).toEqual({
    moves: expected,
    ambiguous: [],
    gone: [],
    added: [],
  });
  const theirs = byToolkit(deployed, wanted).mappings.map(
    ({ source, destination }) => `${source.toLocationString()} -> ${destination.toLocationString()}`,
  );
  expect(theirs.toSorted()).toEqual(expected);
});

describe('resources that are alike in all', () => {
  const deployed = [stack('A', { Q1: queue('1'), Q2: queue('2') })];
  const wanted = [stack('A', { N1: queue('1'), N2: queue('2') })];
  const at = (logicalId: string) => ({ stackName: 'A', logicalId });

  test('are not guessed, as the CDK toolkit does not', () => {
    expect(compareStacks(deployed, wanted)).toMatchObject({
      moves: [],
      ambiguous: [{ from: [at('Q1'), at('Q2')], to: [at('N1'), at('N2')] }],
    });
    expect(byToolkit(deployed, wanted)).toMatchObject({ mappings: [], ambiguousPaths: [{}] });
  });

  test('are what a person says', () => {
    const { moves, ambiguous, unfit } = compareStacks(deployed, wanted, [{ from: at('Q1'), to: at('N2') }]);
    expect(arrows(moves)).toEqual(['A.Q1 -> A.N2', 'A.Q2 -> A.N1']);
    expect({ ambiguous, unfit }).toEqual({ ambiguous: [], unfit: [] });
  });

  test('a word that makes one thing of another fits nothing', () => {
    const other = [stack('A', { T: { Type: 'AWS::SNS::Topic' }, Q: queue('q') })];
    const said = [{ from: at('Q'), to: at('Bucket') }];
    const { unfit, moves } = compareStacks(
      other,
      [stack('A', { T: { Type: 'AWS::SNS::Topic' }, Bucket: { Type: 'AWS::S3::Bucket' } })],
      said,
    );
    expect({ unfit, moves }).toEqual({ unfit: said, moves: [] });
  });
});

describe('a resource that gets another name and', () => {
  const at = (logicalId: string) => ({ stackName: 'A', logicalId });
  test.each<[string, Resources, Resources]>([
    ['another property', { Old: queue('o') }, { New: queue('n', { VisibilityTimeout: 60 }) }],
    ['another type', { Old: queue('o') }, { New: { ...queue('n'), Type: 'AWS::SNS::Topic' } }],
    ['another deletion policy', { Old: queue('o') }, { New: { ...queue('n'), DeletionPolicy: 'Delete' } }],
    ['another parameter', { Old: queue('o', { Size: { Ref: 'P1' } }) }, { New: queue('n', { Size: { Ref: 'P2' } }) }],
  ])('%s has not moved: one goes and one comes', (_, before, after) => {
    expect(compareStacks([stack('A', before)], [stack('A', after)])).toMatchObject({
      moves: [],
      gone: [at('Old')],
      added: [at('New')],
    });
  });

  test('what uses another attribute of it is another one', () => {
    const after = { Q: queue('q'), New: { ...alarm('Q'), Properties: { Dimension: { 'Fn::GetAtt': 'Q.Arn' } } } };
    const { moves, gone } = compareStacks([stack('A', { Q: queue('q'), Old: alarm('Q') })], [stack('A', after)]);
    expect({ moves, gone }).toEqual({ moves: [], gone: [at('Old')] });
  });
});

test('names in Fn::Sub are names too, but for its own variables and literals', () => {
  const sub = (id: string) => ({
    Type: 'AWS::SNS::Topic',
    Properties: {
      A: { 'Fn::Sub': `arn:\${AWS::Region}:\${${id}.Arn}:\${!${id}}`.replace(`\${!${id}}`, '${!Literal}') },
      B: { 'Fn::Sub': ['${Own}-${' + id + '}', { Own: { Ref: id } }] },
    },
  });
  const { moves, gone, added } = compareStacks(
    [stack('A', { Old: queue('o'), T: sub('Old') })],
    [stack('A', { New: queue('n'), T: sub('New') })],
  );
  expect({ moves: arrows(moves), gone, added }).toEqual({ moves: ['A.Old -> A.New'], gone: [], added: [] });
});

test('two resources that swap what they use are two changes, and no move', () => {
  const pair = (first: string, second: string) => ({
    Type: 'AWS::SNS::Topic',
    Properties: { First: { Ref: first }, Second: { Ref: second } },
  });
  const queues = { Q1: queue('1'), Q2: queue('2', { VisibilityTimeout: 60 }) };
  const { moves, gone } = compareStacks(
    [stack('A', { ...queues, T: pair('Q1', 'Q2') })],
    [stack('A', { ...queues, T: pair('Q2', 'Q1') })],
  );
  expect(moves).toEqual([]);
  expect(gone).toEqual([{ stackName: 'A', logicalId: 'T' }]);
});
