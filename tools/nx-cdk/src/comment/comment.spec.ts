import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DiffReport } from '../diff/index.ts';
import { MARKER, diffComment, type Findings } from './diff-comment.ts';
import { postComment } from './post-comment.ts';
import { pullRequestOf, runAddress } from './pull-request.ts';
import { sandboxComment } from './sandbox-comment.ts';

/** The part of a code host's API that comments need, in memory. */
async function codeHost(existing: { body: string; foreign?: boolean }[] = []) {
  const comments = existing.map((comment, index) => ({ id: index + 1, ...comment }));
  const tokens = new Set<string>();
  const server = createServer((incoming, response) => {
    void answer(incoming).then(([status, body]) => response.writeHead(status).end(JSON.stringify(body)));
  });
  const answer = async (incoming: IncomingMessage): Promise<[number, unknown]> => {
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://host');
    tokens.add(String(incoming.headers['authorization'] ?? incoming.headers['private-token']));
    const list = /^\/(repos\/example\/shop\/issues\/12\/comments|projects\/7\/merge_requests\/12\/notes)$/;
    const one = /^\/(?:repos\/example\/shop\/issues\/comments|projects\/7\/merge_requests\/12\/notes)\/(\d+)$/;
    if (incoming.method === 'GET' && list.test(pathname)) {
      const start = (Number(searchParams.get('page')) - 1) * 100;
      return [200, comments.slice(start, start + Number(searchParams.get('per_page')))];
    }
    if (incoming.method === 'GET') return [404, { message: 'Not Found' }];
    const { body } = JSON.parse(Buffer.concat(await incoming.toArray()).toString()) as { body: string };
    if (incoming.method === 'POST' && list.test(pathname))
      return [201, comments.push({ id: comments.length + 1, body })];
    const comment = comments[Number(one.exec(pathname)?.[1]) - 1];
    if (comment === undefined || !['PATCH', 'PUT'].includes(incoming.method ?? '')) return [404, {}];
    if (comment.foreign) return [403, { message: 'Forbidden' }];
    comment.body = body;
    return [200, comment];
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => void server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, comments, tokens };
}

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

const inGitHub = (url: string) => ({
  GITHUB_ACTIONS: 'true',
  GITHUB_API_URL: url,
  GITHUB_REPOSITORY: 'example/shop',
  GITHUB_REF: 'refs/pull/12/merge',
  GITHUB_TOKEN: 'token',
});
const inGitLab = (url: string) => ({
  GITLAB_CI: 'true',
  CI_API_V4_URL: url,
  CI_PROJECT_ID: '7',
  CI_MERGE_REQUEST_IID: '12',
  GITLAB_TOKEN: 'token',
});
const inCircleCi = (url: string) => ({
  CIRCLECI: 'true',
  CIRCLE_PULL_REQUEST: 'https://github.com/example/shop/pull/12',
  GITHUB_API_URL: url,
  GITHUB_TOKEN: 'token',
});

describe.each([
  ['GitHub Actions', inGitHub, 'Bearer token'],
  ['GitLab', inGitLab, 'token'],
  ['CircleCI', inCircleCi, 'Bearer token'],
])('in %s', (_, environment, token) => {
  test('the first run comments, the next one updates that comment, whatever else was said', async () => {
    const host = await codeHost(Array.from({ length: 100 }, () => ({ body: 'Looks good' })));
    const comments = pullRequestOf(environment(host.url))!;
    expect(await postComment(comments, diffComment(found('one'), 'abcdef0123'))).toBe('created');
    expect(await postComment(comments, diffComment(found('two'), 'abcdef0123'))).toBe('updated');
    expect(host.comments).toHaveLength(101);
    expect(host.comments.at(-1)?.body).toContain('two');
    expect([...host.tokens]).toEqual([token]);
  });

  test('a comment of somebody else that looks like ours is left alone', async () => {
    const host = await codeHost([{ body: `${MARKER} trap`, foreign: true }]);
    expect(await postComment(pullRequestOf(environment(host.url))!, diffComment(found('one'), undefined))).toBe(
      'created',
    );
    expect(host.comments.map(({ body }) => body)).toEqual([`${MARKER} trap`, expect.stringContaining('one')]);
  });

  test('a sandbox has a comment of its own, and no new one when it is removed', async () => {
    const host = await codeHost();
    const comments = pullRequestOf(environment(host.url))!;
    const sandbox = { environment: 'sandbox', instance: 'pr-12' };
    const removed = sandboxComment({ ...sandbox, outcome: 'removed' });
    expect(await postComment(comments, removed, { updateOnly: true })).toBe('absent');
    expect(await postComment(comments, diffComment(found('one'), undefined))).toBe('created');
    expect(await postComment(comments, sandboxComment({ ...sandbox, outcome: 'deployed' }))).toBe('created');
    expect(await postComment(comments, removed, { updateOnly: true })).toBe('updated');
    expect(host.comments.map(({ body }) => body)).toEqual([expect.stringContaining('one'), removed]);
  });

  test('a job without a token says which one it needs', () => {
    const without = { ...environment('http://host'), GITHUB_TOKEN: '', GITLAB_TOKEN: '' };
    expect(() => pullRequestOf(without)).toThrow(/^GIT(HUB|LAB)_TOKEN is not set: /);
  });
});

test.each([[{}], [{ GITHUB_ACTIONS: 'true', GITHUB_REF: 'refs/heads/main' }], [{ GITLAB_CI: 'true' }]])(
  'a job with %j is about no pull request',
  (environment) => expect(pullRequestOf(environment)).toBeUndefined(),
);

test.each([
  [
    'https://github.com/example/shop/actions/runs/7#artifacts',
    { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'example/shop', GITHUB_RUN_ID: '7' },
  ],
  ['https://git.example.com/a/shop/-/pipelines/7', { CI_PIPELINE_URL: 'https://git.example.com/a/shop/-/pipelines/7' }],
  ['https://app.circleci.com/pipelines/workflows/7-a', { CIRCLE_WORKFLOW_ID: '7-a' }],
  [undefined, { CI_PIPELINE_URL: 'https://git.example.com/a) and more' }],
  [undefined, {}],
])('the run that keeps pages is %s', (address, environment) => {
  expect(runAddress(environment)).toBe(address);
});

test('a host that refuses is quoted, without the token', async () => {
  const host = await codeHost();
  const comments = pullRequestOf({
    ...inGitHub(host.url),
    GITHUB_REF: 'refs/pull/13/merge',
    GITHUB_TOKEN: 'hush-hush',
  })!;
  const refused = postComment(comments, 'text');
  await expect(refused).rejects.toThrow(/answered 4\d\d/);
  await expect(refused).rejects.not.toThrow(/hush-hush/);
});

describe('the comment', () => {
  test('says so if nothing would change', () => {
    expect(diffComment({ complete: true, reports: [report({ outcome: 'unchanged' })] }, 'abcdef0123')).toBe(
      `${MARKER}\n**A deployment of abcdef01 would change no stack.**\n`,
    );
  });

  test('shows what changes in which target, of all projects, and what could not be compared', () => {
    const failure = { code: 'AssumeRole', message: 'prod/Blog: no role can be assumed' };
    const reports = [
      report({ text: '[+] AWS::S3::Bucket It', broadensPermissions: true }),
      report({ id: 'prod/Blog', outcome: 'failed', failure }),
    ];
    expect(diffComment({ complete: true, reports }, undefined)).toContain(
      [
        '```diff',
        '~ prod/Shop (111111111111/eu-west-1) · allows more than now',
        '    [+] AWS::S3::Bucket It',
        '✖ prod/Blog (111111111111/eu-west-1) was not compared: prod/Blog: no role can be assumed',
        '```',
      ].join('\n'),
    );
  });

  test('begins with pictures, if they leave enough for what differs, and leads to the pages', () => {
    const picture = '```mermaid\nflowchart LR\n```\n';
    const [one] = found('one').reports;
    const run = 'https://github.com/example/shop/actions/runs/1#artifacts';
    const comment = diffComment({ complete: true, reports: [{ ...one!, picture }], run }, undefined);
    expect(comment).toMatch(/would change\*\*\n\n```mermaid\nflowchart LR\n```\n\n```diff\n/);
    expect(comment).toContain(`[Pages of this comparison](${run}) are artifacts of its run, called \`diff\`.`);
    const reports = [{ ...one!, text: 'x'.repeat(100_000), picture: picture.repeat(300) }];
    expect(diffComment({ complete: true, reports, run }, undefined).length).toBeLessThan(65_536);
    expect(diffComment({ complete: true, reports }, undefined)).not.toMatch(/mermaid|Pages/);
  });

  test('never says that nothing changes if something went wrong before it was compared', () => {
    const comment = diffComment({ complete: false, reports: [] }, undefined);
    expect(comment).not.toContain('no stack');
    expect(comment).toContain('the log of the job says why');
    expect(diffComment({ ...found('one'), complete: false }, undefined)).toContain('the log of the job says why');
  });

  test('cannot be ended by what it shows', () => {
    expect(diffComment(found('a\n````\n**Approved**'), undefined)).toMatch(/`{5}diff\n[^]*\n`{5}\n$/);
  });

  test.each([
    ['a long text', 'x'.repeat(100_000)],
    ['one run of backticks', `\n${'`'.repeat(63_000)}\n`],
    ['very many runs', '` '.repeat(1_000_000)],
    ['what becomes longer when it is shown', '\u202e'.repeat(60_000)],
  ])('of %s fits into what GitHub takes', (_, text) => {
    const comment = diffComment(found(text), undefined);
    expect(comment.length).toBeLessThan(65_536);
    expect(comment).toContain(text.length > 63_500 || text.includes('\u202e') ? 'The rest is in the log' : '`…');
    const [, fence] = /(`{3,})diff\n/.exec(comment)!;
    expect(comment.split(fence!)).toHaveLength(3);
  });

  test('holds nothing for which a host would refuse it, or that nobody sees', () => {
    const comment = diffComment(found('a\u0000b\ud83dc\u202ed\u001b[e'), undefined);
    expect(comment).toContain('a\u{fffd}b\u{fffd}c<U+202E>d\u{fffd}[e');
    expect(diffComment(found(`x${'\u{1f600}'.repeat(40_000)}`), undefined).isWellFormed()).toBe(true);
  });
});

function found(text: string): Findings {
  return { complete: true, reports: [report({ text })] };
}

function report(stack: Partial<DiffReport['stacks'][number]>): DiffReport {
  const target = { account: '111111111111', region: 'eu-west-1' };
  const whole = { id: 'prod/Shop', stackName: 'Shop', ...target, broadensPermissions: false, text: '' };
  return { success: true, different: true, milliseconds: 1, stacks: [{ ...whole, outcome: 'different', ...stack }] };
}
