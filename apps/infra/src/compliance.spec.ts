import { Stack, type Stage } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { TARGETS, testStage } from './testing/test-app.ts';

/** What the AWS Solutions rules of cdk-nag find that nobody has accepted: rule and resource. */
function findingsIn(stage: Stage): string[] {
  stage.synth();
  const { violations } = new AwsSolutionsChecks(stage.node.root).validateScope(stage);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ resourceLogicalId }) => `${ruleName} ${resourceLogicalId}`),
  );
}

test('cdk-nag finds nothing that is not accepted, in any target', () => {
  expect(findingsIn(testStage({ targets: TARGETS }))).toEqual([]);
});

test('cdk-nag is really at work: it finds a queue without TLS and dead letters', () => {
  const stage = testStage();
  new Queue(new Stack(stage, 'Careless'), 'Queue');

  expect(findingsIn(stage)).toEqual([
    expect.stringContaining('AwsSolutions-SQS3'),
    expect.stringContaining('AwsSolutions-SQS4'),
  ]);
});
