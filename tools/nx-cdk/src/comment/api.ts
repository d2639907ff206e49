import { Failure } from '../failure/index.ts';

/** A code host refused a request. */
export class RefusedRequest extends Failure {
  /** HTTP status. */
  readonly status: number;

  constructor(request: string, status: number, answer: string) {
    super('Comment', {
      what: `${request} answered ${status} (${answer})`,
      next: 'see that the token may write comments',
    });
    this.status = status;
  }
}

/** A REST API of a code host. */
export interface Api {
  /** Without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Comments on a page; both hosts give at most 100. */
const PER_PAGE = 100;

/**
 * One request.
 *
 * @throws Failure `Comment` with what the host answered; never with the token
 */
export async function request<Answer>(api: Api, method: string, path: string, body?: object): Promise<Answer> {
  const url = `${api.url}${path}`;
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', 'user-agent': 'nx-cdk', ...api.headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  }).catch((cause: unknown) => {
    throw new Failure(
      'Comment',
      { what: `${method} ${url} did not answer`, next: (cause as Error).message },
      { cause },
    );
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as Answer;
  throw new RefusedRequest(`${method} ${url}`, response.status, text.slice(0, 200));
}

/** All items of a list that comes in pages. */
export async function* pages<Item>(api: Api, path: string): AsyncIterable<Item> {
  for (let page = 1; ; page += 1) {
    const items = await request<Item[]>(
      api,
      'GET',
      `${path}${path.includes('?') ? '&' : '?'}per_page=${PER_PAGE}&page=${page}`,
    );
    yield* items;
    if (items.length < PER_PAGE) return;
  }
}
