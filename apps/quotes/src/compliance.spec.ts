import { AwsSolutionsChecks } from 'cdk-nag';
import { BUILT, testStage } from './testing/test-app.ts';

const ACKNOWLEDGED = 'aws:cdk:acknowledged-rules';

/** Tracing, which has no resources to name: once for each function in each of the two targets. */
const ACCEPTED = Array<string>(2 * BUILT.length).fill('AwsSolutions-IAM5[Resource::*]');

/** Rules of cdk-nag that find something nobody has accepted. */
function findingsIn(stage: ReturnType<typeof testStage>): string[] {
  stage.synth();
  const { violations } = new AwsSolutionsChecks(stage.node.root).validateScope(stage);
  return violations.flatMap(({ ruleName, violatingResources }) => violatingResources.map(() => ruleName));
}

test('cdk-nag finds nothing that is not accepted', () => {
  expect(findingsIn(testStage())).toEqual([]);
});

test('everything accepted is needed, and has a reason that a reviewer can judge', () => {
  const stage = testStage();
  const reasons: string[] = [];
  for (const { node } of stage.node.findAll()) {
    const accepted = node.metadata.filter(({ type }) => type === ACKNOWLEDGED);
    reasons.push(...accepted.flatMap(({ data }) => Object.values(data as Record<string, string>)));
    Object.defineProperty(node, 'metadata', { value: node.metadata.filter(({ type }) => type !== ACKNOWLEDGED) });
  }
  expect(reasons).toEqual(ACCEPTED.map(() => expect.stringMatching(/^[A-Z].{20,}\.$/)));
  expect(findingsIn(stage)).toEqual(ACCEPTED);
});
