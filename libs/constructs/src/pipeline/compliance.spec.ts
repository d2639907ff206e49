import type { Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { environment, manyTargets, testEnvironments, testStack } from './testing/test-app.ts';

/** Every finding of cdk-nag's AWS Solutions rules that nobody has accepted: rule and resource. */
function findingsIn(stack: Stack): string[] {
  const app = stack.node.root;
  const { violations } = new AwsSolutionsChecks(app).validateScope(stack);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ resourceLogicalId }) => `${ruleName} ${resourceLogicalId}`),
  );
}

/** Rule and reason of everything that is accepted. */
function acceptedIn(stack: Stack): [rule: string, reason: string][] {
  return stack.node
    .findAll()
    .flatMap((construct) => construct.node.metadata)
    .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
    .flatMap(({ data }) => Object.entries(data as Record<string, string>));
}

describe('the AWS Solutions rules of cdk-nag', () => {
  test.each([
    ['two targets', testEnvironments()],
    ['container images', testEnvironments({ images: true })],
    ['many targets', testEnvironments({}, [environment('prod', manyTargets(100, 10))])],
    ['a zip as source', testEnvironments({ source: { type: 's3', bucket: 'sources', key: 'shop.zip' } })],
    [
      'a token as source',
      testEnvironments({
        source: { type: 'github-token', repository: 'example/shop', branch: 'main', tokenSecret: 'token' },
      }),
    ],
  ])('find nothing that is not accepted, with %s', (_, environments) => {
    expect(findingsIn(testStack(environments))).toEqual([]);
  });

  test('are really at work: a queue without TLS and dead letters is found', () => {
    const stack = testStack();
    new Queue(stack, 'Queue');
    expect(findingsIn(stack)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('AwsSolutions-SQS3'),
        expect.stringContaining('AwsSolutions-SQS4'),
      ]),
    );
  });

  test('everything accepted has a reason that a reviewer can judge', () => {
    const accepted = acceptedIn(testStack());
    expect(accepted.length).toBeGreaterThan(0);
    for (const [rule, reason] of accepted) {
      expect(rule).toMatch(/AwsSolutions-IAM5\[Resource::.+\*\]$/);
      expect(reason).toMatch(/^[A-Z].{20,}\.$/);
    }
  });

  test('every acceptance is needed: without it, its finding is there', () => {
    const stack = testStack();
    const accepted = new Set(acceptedIn(stack).map(([rule]) => rule.replace(/^.*::(?=AwsSolutions)/, '')));
    for (const { node } of stack.node.findAll()) {
      const others = node.metadata.filter(({ type }) => type !== 'aws:cdk:acknowledged-rules');
      Object.defineProperty(node, 'metadata', { value: others });
    }
    expect(new Set(findingsIn(stack).map((finding) => finding.replace(/ \w+$/, '')))).toEqual(accepted);
  });
});
