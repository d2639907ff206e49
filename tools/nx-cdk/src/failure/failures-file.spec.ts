import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { denialIn, FAILURES_FILE_VARIABLE, readFailures, recordFailure } from './index.ts';

describe('the failures file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'failures-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('holds each failure as one line of JSON, with the permission that was missing', () => {
    const file = join(folder, 'failures.jsonl');
    const denied = { action: 's3:PutObject', role: 'publishing' };

    recordFailure({ code: 'AccessDenied', message: 'It was refused.', denied }, { [FAILURES_FILE_VARIABLE]: file });
    recordFailure({ code: 'Synth', message: 'Two\nlines.' }, { [FAILURES_FILE_VARIABLE]: file });

    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
    expect(readFailures(file)).toEqual([
      { code: 'AccessDenied', message: 'It was refused.', denied },
      { code: 'Synth', message: 'Two\nlines.' },
    ]);
  });

  test('is not written unless somebody names it, and does not hide a failure if it cannot be', () => {
    recordFailure({ code: 'Synth', message: 'It failed.' }, {});
    recordFailure({ code: 'Synth', message: 'It failed.' }, { [FAILURES_FILE_VARIABLE]: join(folder, 'no', 'file') });

    expect(readFailures(join(folder, 'no', 'file'))).toEqual([]);
  });
});

describe('what AWS says of a refusal', () => {
  test.each([
    [
      'IAM',
      'User: arn:aws:sts::111111111111:assumed-role/ship/codebuild-1 is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:eu-west-1:111111111111:parameter/x because no identity-based policy allows the ssm:PutParameter action',
      { action: 'ssm:PutParameter', resource: 'arn:aws:ssm:eu-west-1:111111111111:parameter/x', role: 'ship' },
    ],
    [
      'S3, in quotes',
      'User: arn:aws:sts::111111111111:assumed-role/ship/s is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k" because',
      { action: 's3:PutObject', resource: 'arn:aws:s3:::b/k', role: 'ship' },
    ],
    [
      'STS, of a role with a path, at the end of the line',
      'An error occurred (AccessDenied): User: arn:aws:sts::111111111111:assumed-role/ship/s is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/path/deploy',
      { action: 'sts:AssumeRole', resource: 'arn:aws:iam::222222222222:role/path/deploy', role: 'ship' },
    ],
    [
      'a service that names no resource',
      'You are not allowed: arn:aws:iam::111111111111:role/ship is not authorized to perform: ec2:DescribeVpcs.',
      { action: 'ec2:DescribeVpcs', role: 'ship' },
    ],
  ])('is understood: %s', (_, line, expected) => {
    expect(denialIn(line)).toEqual(expected);
  });

  test.each(['Everything may not be as it seems', 'npm error 403 Forbidden', 'The role x may not s3:GetObject'])(
    'is no such thing as %j',
    (line) => expect(denialIn(line)).toBeUndefined(),
  );
});
