import { leftOut } from '@nx-cdk/constructs';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { HANDLERS } from './quotes-stack.ts';
import { BUILT, stacksOf, TARGETS, testStage } from './testing/test-app.ts';

const stacks = stacksOf(testStage());
const template = Template.fromStack(stacks[0]!);

test.each(BUILT)('%s has a role of its own, which may log and trace, and its name is an output', (id) => {
  const [name] = Object.keys(template.findResources('AWS::Lambda::Function')).filter((one) => one.startsWith(id));
  const actions = Object.values(template.findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(`${id}Role`))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as { Action: string[] }[])
    .flatMap(({ Action }) => Action);

  template.hasOutput(`${id}Name`, { Value: { Ref: name } });
  expect(actions.sort()).toEqual([
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ]);
});

test('what needs a compiler or an image builder that is not there is left out, and a warning says so', () => {
  const warnings = Annotations.fromStack(stacks[0]!).findWarning('*', Match.anyValue());
  const missing = Object.values(HANDLERS).flatMap((asset) => leftOut(asset) ?? []);

  expect(BUILT).toEqual(expect.arrayContaining(['QuoteInTypescript', 'QuoteInGo']));
  expect(BUILT).toHaveLength(Object.keys(HANDLERS).length - missing.length);
  expect(warnings.map(({ entry }) => entry.data)).toEqual(missing.map((sentence) => expect.stringContaining(sentence)));
});

(BUILT.includes('PackingList') ? test : test.skip)(
  'the packing list is one image, which each target takes from its own account and region',
  () => {
    const images = stacks.map((stack) => {
      const [{ Properties }] = Object.values(
        Template.fromStack(stack).findResources('AWS::Lambda::Function', { Properties: { PackageType: 'Image' } }),
      ) as [{ Properties: { Code: { ImageUri: { 'Fn::Sub': string } } } }];
      return Properties.Code.ImageUri['Fn::Sub'];
    });
    const tag = images[0]!.split(':').at(-1)!;
    expect(tag).toMatch(/^[0-9a-f]{64}$/);
    expect(images).toEqual(
      TARGETS.map(({ account, region }) => {
        const repository = `cdk-hnb659fds-container-assets-${account}-${region}`;
        return `${account}.dkr.ecr.${region}.\${AWS::URLSuffix}/${repository}:${tag}`;
      }),
    );
  },
);

test('every alarm tells the topic of its stack', () => {
  template.resourceCountIs('AWS::CloudWatch::Alarm', 2 * BUILT.length);
  template.allResourcesProperties('AWS::CloudWatch::Alarm', {
    AlarmActions: [{ Ref: Match.stringLikeRegexp('^AlarmsTopic') }],
  });
});
