import { type App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { STAGING } from 'test-bed';

export interface Version {
  /** Whether the second stack uses the second topic of the first. */
  readonly uses: boolean;
  /** Whether there is that topic. */
  readonly has?: boolean;
  /** A topic that only this version has, and that the second stack uses. */
  readonly more?: string;
  /** Another name replaces the second topic. */
  readonly named?: string;
  /** Bytes of the first stack's template that are there for nothing. */
  readonly padding?: number;
}

/** Two topics in one stack, and a stack that uses the first of them, or both. */
export function twoTopics(name: string, { uses, has = true, more, named, padding = 0 }: Version) {
  return (root: App): void => {
    const env = STAGING;
    const a = new Stack(root, 'A', { env, stackName: `${name}-A` });
    const one = new CfnTopic(a, 'One');
    const two = has ? new CfnTopic(a, 'Two', { topicName: named }) : undefined;
    for (let index = 0; index < padding / 1000; index += 1) {
      new CfnTopic(a, `Padding${index}`, { displayName: 'x'.repeat(90) }).addMetadata('padding', 'x'.repeat(1000));
    }
    const b = new Stack(root, 'B', { env, stackName: `${name}-B` });
    new CfnOutput(b, 'UsesOne', { value: one.ref });
    if (uses) new CfnOutput(b, 'UsesTwo', { value: two!.ref });
    if (more) new CfnOutput(b, 'UsesMore', { value: new CfnTopic(a, more).ref });
    new CfnTopic(b, 'Own');
  };
}
