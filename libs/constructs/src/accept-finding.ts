import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts a finding of a validation plugin, such as a rule of cdk-nag, on a construct and everything in it.
 *
 * @param construct the smallest that contains what was found
 * @param finding id of the rule, with the finding in brackets if the rule has several: `AwsSolutions-IAM5[Resource::*]`
 *   and not all of `AwsSolutions-IAM5`, so that the next wildcard in the same place is found
 * @param reason why this is right here, for reviewers
 * @throws Error if the reason says nothing
 */
export function acceptFinding(construct: IConstruct, finding: string, reason: string): void {
  if (reason.trim().length < 10) {
    throw new Error(`${construct.node.path}: accepting ${finding} needs a reason that a reviewer can judge.`);
  }
  Validations.of(construct).acknowledge({ id: finding, reason });
}
