import { MASK, redact, registerSecret } from './redact.ts';

// Put together at run time, so that no scanner of repositories takes these examples of AWS's documentation for a leak.
const KEY_ID = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');
const TEMPORARY_KEY_ID = ['ASIA', 'IOSFODNN7EXAMPLE'].join('');
const SECRET_KEY = ['wJalrXUtnFEMI', 'K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/');
const SESSION_TOKEN = ['IQoJb3JpZ2luX2VjEKr', '4aCXVzLWVhc3QtMSJHMEUCIQ', 'Dq9/x+Example=='].join('');

describe('redact', () => {
  test.each([
    ['a long-lived access key id', `key ${KEY_ID} used`, KEY_ID],
    ['a temporary access key id', `key ${TEMPORARY_KEY_ID} used`, TEMPORARY_KEY_ID],
    ['a secret access key by itself', `got "${SECRET_KEY}".`, SECRET_KEY],
    ['a secret access key in the environment', `AWS_SECRET_ACCESS_KEY=short-one`, 'short-one'],
    ['a secret access key in JSON', `{"SecretAccessKey": "short-one"}`, 'short-one'],
    ['a secret access key in JSON within JSON', String.raw`{\"secretAccessKey\":\"short-one\"}`, 'short-one'],
    ['an access key id of another kind', 'AWS_ACCESS_KEY_ID=local-key-1', 'local-key-1'],
    ['a session token by itself', `token ${SESSION_TOKEN}`, SESSION_TOKEN],
    ['a session token in the environment', `export AWS_SESSION_TOKEN='abc/def+1'`, 'abc/def+1'],
    ['a session token in a header', `x-amz-security-token: abc/def+1`, 'abc/def+1'],
    ['a signature in a header', `AWS4-HMAC-SHA256 SignedHeaders=host, Signature=fe5f80`, 'fe5f80'],
    ['a basic authorization', `authorization: Basic QVdTOmV4YW1wbGU`, 'QVdTOmV4YW1wbGU'],
  ])('given %s, when masked, then it is gone', (_what, text, secret) => {
    const masked = redact(text);
    expect(masked).not.toContain(secret);
    expect(masked).toContain(MASK);
  });

  test('given a presigned URL, when masked, then only its bucket, key and harmless parameters stay', () => {
    const url =
      `https://b.s3.amazonaws.com/k.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${KEY_ID}%2F20261101%2Fs3` +
      `&X-Amz-Expires=900&X-Amz-Security-Token=abc%2Bdef&X-Amz-Signature=fe5f80f7`;
    expect(redact(url)).toBe(
      `https://b.s3.amazonaws.com/k.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${MASK}` +
        `&X-Amz-Expires=900&X-Amz-Security-Token=${MASK}&X-Amz-Signature=${MASK}`,
    );
  });

  test.each([
    ['an account id', 'account 111111111111'],
    ['an account id as the access key id of a local AWS', 'AWS_ACCESS_KEY_ID=111111111111'],
    ['a role ARN', 'arn:aws:iam::111111111111:role/cdk-hnb659fds-deploy-role-111111111111-eu-west-1'],
    ['a commit', 'commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12'],
    ['an asset hash', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.zip'],
    ['a logical id of 40 characters', `HandlerServiceRoleDefaultPolicyX${'CBD0CC91'} failed`],
    ['a path of 40 characters', 'at Staging/Service/Api/Default/OrdersHandle1 here'],
    ['a role id', 'AROAIOSFODNN7EXAMPLE:session'],
    ['a sentence', 'Role is not authorized to perform: cloudformation:CreateChangeSet'],
  ])('given %s, when masked, then it stays', (_what, text) => {
    expect(redact(text)).toBe(text);
  });

  test('given a registered value, when it appears plain, URL-encoded or in JSON, then it is masked until it is forgotten', () => {
    const secret = 'p"ss w.rd';
    const forget = registerSecret(secret);
    const texts = [secret, encodeURIComponent(secret), JSON.stringify({ secret })];
    expect(texts.map(redact)).toEqual([MASK, MASK, `{"secret":"${MASK}"}`]);
    forget();
    expect(texts.map(redact)).toEqual(texts);
  });

  test('given the same value registered twice, when one of them forgets it, then it is still masked', () => {
    const [first, second] = [registerSecret('twice-told'), registerSecret('twice-told')];
    first();
    first();
    expect(redact('twice-told')).toBe(MASK);
    second();
    expect(redact('twice-told')).toBe('twice-told');
  });

  test('given a secret that contains another, when masked, then nothing of the longer one is left', () => {
    const forget = [registerSecret('secret'), registerSecret('secret-and-more')];
    expect(redact('my secret-and-more')).toBe(`my ${MASK}`);
    forget.forEach((each) => each());
  });

  test('given short values, account ids and digits, when registered, then words and account ids are not shredded', () => {
    const forget = ['', 'abcde', '111111111111', '111111'].map((value) => registerSecret(value));
    expect(redact('abcdefgh 111111111111 pin 111111')).toBe(`abcdefgh 111111111111 pin ${MASK}`);
    forget.forEach((each) => each());
  });
});
