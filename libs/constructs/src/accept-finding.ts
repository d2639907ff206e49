import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts a finding of a validation plugin, such as a rule of cdk-nag, on a construct and everything in it.
 *
 * It accepts exactly one finding: `AwsSolutions-IAM5[Resource::*]`, not all of `AwsSolutions-IAM5`, so that the next
 * wildcard in the same place is found again.
 *
 * @param construct where the finding is accepted; the smallest that contains it.
 * @param finding id of the rule, with the finding in brackets if the rule has several.
 * @param reason why this is right here, for the one who reviews it.
 * @throws Error if the reason says nothing
 */
export function acceptFinding(construct: IConstruct, finding: string, reason: string): void {
  if (reason.trim().length < 10) {
    throw new Error(`${construct.node.path}: accepting ${finding} needs a reason that a reviewer can judge.`);
  }
  Validations.of(construct).acknowledge({ id: finding, reason });
}
