import { SANDBOX_MARKER, sandboxComment, type SandboxState } from './sandbox-comment.ts';

const commentOf = (more: Partial<SandboxState>) =>
  sandboxComment({ environment: 'sandbox', instance: 'pr-12', outcome: 'deployed', commit: 'abcdef0123', ...more });
/** What the comment shows for one output. */
const shown = (value: string) => /^ {2}Value: (.*)$/m.exec(commentOf({ outputs: [{ Shop: { Value: value } }] }))?.[1];

test('says where a sandbox is, of all projects', () => {
  const outputs: SandboxState['outputs'] = [
    { 'sandbox-pr-12-shop': { Url: 'https://a.example.com/prod/' } },
    { 'sandbox-pr-12-blog': {} },
  ];
  expect(commentOf({ outputs })).toBe(
    [
      SANDBOX_MARKER,
      '**The sandbox sandbox/pr-12 is deployed from abcdef01**',
      '',
      '```',
      'sandbox-pr-12-blog',
      'sandbox-pr-12-shop',
      '  Url: https://a.example.com/prod/',
      '```',
      '',
    ].join('\n'),
  );
});

test('says that it failed, or is gone, and shows no output', () => {
  const outputs = [{ Shop: { Url: 'https://a.example.com' } }];
  expect(commentOf({ outcome: 'failed', outputs })).toMatch(/could not be deployed from abcdef01\.\*\* The log [^`]*$/);
  expect(commentOf({ outcome: 'removed', outputs })).toMatch(/sandbox\/pr-12 was removed\.\*\*\n$/);
});

test.each([
  ['https://a.example.com', 'https://a.example.com/'],
  ['https://a.example.com/v1/docs', 'https://a.example.com/v1/docs'],
])('%s is shown', (value, text) => expect(shown(value)).toBe(text));

test.each([
  ['hunter2', '****'],
  ['arn:aws:sns:eu-west-1:111111111111:topic', '****'],
  ['https://user:hunter2@a.example.com/', 'https://a.example.com/****'],
  ['https://a.example.com/?token=hunter2', 'https://a.example.com/****'],
  ['https://a.example.com/#hunter2', 'https://a.example.com/****'],
  ['https://a.example.com/hooks/T0HUNTER2', 'https://a.example.com****'],
  ['javascript:alert(1)', '****'],
])('what may be secret in %s is hidden', (value, text) => expect(shown(value)).toBe(text));

test('cannot be ended by what it shows, nor made to mention or link anything', () => {
  const outputs = [{ 'x\n````\n**Approved** @everybody': { Url: 'https://a.example.com' } }];
  expect(commentOf({ outputs })).toMatch(/^[^`]*`{5}\n[^]*\n`{5}\n$/);
});
