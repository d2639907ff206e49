import { Failure } from '../failure/index.ts';
import type { PullRequest } from './pull-request.ts';

interface Comment {
  readonly id: number;
  readonly body: string;
}

/** Comments on a page; both hosts give at most 100. */
const PER_PAGE = 100;

/** What may be done to comments. */
interface PostOptions {
  /** Whether only a comment that is there gets the text. @default false */
  readonly updateOnly?: boolean;
}

/**
 * Puts a text into the one comment of ours of this kind on a pull request: into the one that is there, else into a new
 * one. Its first line is the marker of the kind.
 *
 * A comment of somebody else who wrote our marker cannot be changed, and is passed over.
 *
 * @returns `absent` if there is none, and none was to be made
 * @throws Failure `Comment` with what the host answered; never with the token
 */
export async function postComment(
  pullRequest: PullRequest,
  body: string,
  { updateOnly = false }: PostOptions = {},
): Promise<'created' | 'updated' | 'absent'> {
  const marker = body.slice(0, body.indexOf('\n'));
  for await (const comment of commentsOn(pullRequest)) {
    if (!comment.body.startsWith(marker)) continue;
    try {
      await request(pullRequest, pullRequest.update, `${pullRequest.comment}/${comment.id}`, { body });
      return 'updated';
    } catch (error) {
      if (!(error instanceof RefusedRequest && [403, 404].includes(error.status))) throw error;
    }
  }
  if (updateOnly) return 'absent';
  await request(pullRequest, 'POST', pullRequest.comments, { body });
  return 'created';
}

/** All comments, oldest first. */
async function* commentsOn(pullRequest: PullRequest): AsyncIterable<Comment> {
  for (let page = 1; ; page += 1) {
    const query = [pullRequest.oldestFirst, `per_page=${PER_PAGE}`, `page=${page}`].filter(Boolean).join('&');
    const comments = (await request(pullRequest, 'GET', `${pullRequest.comments}?${query}`)) as Comment[];
    yield* comments;
    if (comments.length < PER_PAGE) return;
  }
}

async function request(pullRequest: PullRequest, method: string, path: string, body?: object): Promise<unknown> {
  const url = `${pullRequest.url}${path}`;
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', 'user-agent': 'nx-cdk', ...pullRequest.headers },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  }).catch((cause: Error) => {
    throw new Failure('Comment', { what: `${method} ${url} did not answer`, next: cause.message }, { cause });
  });
  const text = await response.text();
  if (!response.ok) throw new RefusedRequest(`${method} ${url}`, response.status, text.slice(0, 200));
  return JSON.parse(text);
}

/** A code host refused a request. */
class RefusedRequest extends Failure {
  /** HTTP status. */
  readonly status: number;

  constructor(request: string, status: number, answer: string) {
    const what = `${request} answered ${status} (${answer})`;
    super('Comment', { what, next: 'see that the token may write comments' });
    this.status = status;
  }
}
