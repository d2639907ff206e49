import { Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acceptFinding } from './index.ts';
import { testStack } from './testing/test-stack.ts';

const reason = 'Messages are test data that anybody may read.';

function findingsOf(stack: Stack): string[] {
  return new AwsSolutionsChecks()
    .validateScope(stack)
    .violations.map(({ ruleName }) => ruleName)
    .sort();
}

describe('accepting a finding', () => {
  test('silences this finding on this construct, and no other', () => {
    const stack = testStack();
    const queue = new Queue(stack, 'Queue');
    expect(findingsOf(stack)).toEqual(['AwsSolutions-SQS3', 'AwsSolutions-SQS4']);

    acceptFinding(queue, 'AwsSolutions-SQS4', reason);

    expect(findingsOf(stack)).toEqual(['AwsSolutions-SQS3']);
  });

  test('leaves the same finding elsewhere alone', () => {
    const stack = testStack();
    acceptFinding(new Queue(stack, 'Accepted'), 'AwsSolutions-SQS4', reason);
    new Queue(stack, 'Forgotten');
    expect(findingsOf(stack)).toContain('AwsSolutions-SQS4');
  });

  test.each(['', '   ', 'ok'])('given the reason %j, it refuses and names the construct', (empty) => {
    const queue = new Queue(testStack(), 'Queue');

    expect(() => acceptFinding(queue, 'AwsSolutions-SQS4', empty)).toThrow(
      /^Stack\/Queue: accepting AwsSolutions-SQS4 needs/,
    );
    expect(findingsOf(Stack.of(queue))).toContain('AwsSolutions-SQS4');
  });
});
