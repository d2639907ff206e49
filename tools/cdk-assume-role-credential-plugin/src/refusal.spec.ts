import { explainRefusal } from './refusal.ts';

const role = { account: '111111111111', name: 'cdk-readOnlyRole', purpose: 'read' } as const;
const error = (name: string, message: string) => Object.assign(new Error(message), { name });

test.each([
  [
    error(
      'AccessDenied',
      'User: arn:aws:iam::1:user/anna is not authorized to perform: sts:AssumeRole on resource: arn',
    ),
    /cannot be assumed: arn:aws:iam::1:user\/anna may not; create cdk-readOnlyRole in 111111111111 with trust for the caller/,
  ],
  [
    error('AccessDenied', 'Roles may not be assumed by root accounts.'),
    /: access is denied, or there is no such role;/,
  ],
  [error('CredentialsProviderError', 'Could not load credentials'), /; set AWS_PROFILE or AWS_ACCESS_KEY_ID/],
  [error('ExpiredToken', 'The token is expired'), /ExpiredToken, The token is expired; sign in again\.$/],
  [error('SignatureDoesNotMatch', 'no'), /; check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/],
  [new Error('connect ECONNREFUSED 127.0.0.1:1'), /: connect ECONNREFUSED 127\.0\.0\.1:1; check the network/],
])('%s is told in one sentence with role, account and next step', (cause, sentence) => {
  const text = explainRefusal(cause, role);
  expect(text).toMatch(/^The role cdk-readOnlyRole of account 111111111111 cannot be assumed: .*\.$/);
  expect(text).toMatch(sentence);
});
