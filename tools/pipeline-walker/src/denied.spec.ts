import { Failure } from 'nx-cdk/failure';
import { DeniedFailure, denialIn, denialOf, failureOf } from './denied.ts';

test.each([
  [
    'of IAM',
    'User: arn:aws:sts::111111111111:assumed-role/ship/codebuild-1 is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:eu-west-1:111111111111:parameter/x because no identity-based policy allows the ssm:PutParameter action',
    { action: 'ssm:PutParameter', resource: 'arn:aws:ssm:eu-west-1:111111111111:parameter/x', role: 'ship' },
  ],
  [
    'of S3, in quotes',
    'User: arn:aws:sts::111111111111:assumed-role/ship/s is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k" because',
    { action: 's3:PutObject', resource: 'arn:aws:s3:::b/k', role: 'ship' },
  ],
  [
    'of STS, with a role with a path, at the end of the line',
    'An error occurred (AccessDenied): User: arn:aws:sts::111111111111:assumed-role/ship/s is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/path/deploy',
    { action: 'sts:AssumeRole', resource: 'arn:aws:iam::222222222222:role/path/deploy', role: 'ship' },
  ],
  [
    'without a resource',
    'You are not allowed: arn:aws:iam::111111111111:role/ship is not authorized to perform: ec2:DescribeVpcs.',
    { action: 'ec2:DescribeVpcs', role: 'ship' },
  ],
  [
    'of this plugin about a role that it may not assume',
    'error: arn:aws:sts::111111111111:assumed-role/ship/s may not sts:AssumeRole arn:aws:iam::222222222222:role/deploy: either',
    { action: 'sts:AssumeRole', resource: 'arn:aws:iam::222222222222:role/deploy', role: 'ship' },
  ],
  [
    'of this plugin about a call',
    '✖ x failed: The role cdk-deploy-role may not cloudformation:CreateChangeSet in 1/eu-west-1: Access denied.',
    { action: 'cloudformation:CreateChangeSet', role: 'cdk-deploy-role' },
  ],
])('a refusal %s is found in a line', (_, line, expected) => {
  expect(denialIn(line)).toEqual(expected);
});

test.each(['Everything may not be as it seems', 'npm error 403 Forbidden', 'You may not: do that'])(
  'there is none in %j',
  (line) => expect(denialIn(line)).toBeUndefined(),
);

test('an error that is a refusal says what was refused, however deep it lies', () => {
  const denial = { action: 's3:PutObject', resource: 'arn:aws:s3:::b/k', role: 'ship' };
  const error = new Failure('AccessDenied', 'Refused.', { cause: new DeniedFailure('Source', 'x', denial) });

  expect(denialOf(error)).toEqual(denial);
  expect(failureOf(error)).toEqual({ message: 'Refused.', denied: denial });
});

test('any other error is told without one', () => {
  expect(failureOf(new Failure('TimedOut', 'Too late.'))).toEqual({ message: 'Too late.' });
});
