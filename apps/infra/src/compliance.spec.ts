import { Stack, type Stage } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { FUNCTIONS, TARGETS, testStage } from './testing/test-app.ts';

/** What is accepted, and why it has to be: the open route, and tracing of each function. */
const ACCEPTED = ['AwsSolutions-APIG4', ...Array<string>(2 + FUNCTIONS.length).fill('AwsSolutions-IAM5[Resource::*]')];

/** Every finding of cdk-nag's AWS Solutions rules that nobody has accepted: rule and resource. */
function findingsIn(stage: Stage): string[] {
  stage.synth();
  const { violations } = new AwsSolutionsChecks(stage.node.root).validateScope(stage);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ resourceLogicalId }) => `${ruleName} ${resourceLogicalId}`),
  );
}

/** Rule and reason of everything that is accepted. */
function acceptedIn(stage: Stage): [rule: string, reason: string][] {
  return stage.node
    .findAll()
    .flatMap((construct) => construct.node.metadata)
    .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
    .flatMap(({ data }) => Object.entries(data as Record<string, string>));
}

describe('the AWS Solutions rules of cdk-nag', () => {
  test('find nothing that is not accepted, in any target', () => {
    expect(findingsIn(testStage({ targets: TARGETS }))).toEqual([]);
  });

  test('are really at work: a queue without TLS and dead letters is found', () => {
    const stage = testStage();
    new Queue(new Stack(stage, 'Careless'), 'Queue');

    expect(findingsIn(stage)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('AwsSolutions-SQS3'),
        expect.stringContaining('AwsSolutions-SQS4'),
      ]),
    );
  });

  test('everything accepted has a reason that a reviewer can judge', () => {
    const accepted = acceptedIn(testStage());

    expect(accepted.map(([rule]) => rule.replace(/^.*::(?=AwsSolutions)/, '')).sort()).toEqual(ACCEPTED);
    for (const [, reason] of accepted) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
  });

  test('every acceptance is needed: without it, its finding is there', () => {
    const stage = testStage();
    for (const { node } of stage.node.findAll()) {
      const others = node.metadata.filter(({ type }) => type !== 'aws:cdk:acknowledged-rules');
      Object.defineProperty(node, 'metadata', { value: others });
    }
    expect(
      findingsIn(stage)
        .map((finding) => finding.split(' ')[0])
        .sort(),
    ).toEqual(ACCEPTED);
  });
});
