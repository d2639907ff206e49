import { askForRoot, deployedApi } from './deployed-api.ts';

const instance = { secret: 'secret', endpoint: 'https://127.0.0.1:1', caFile: '/nowhere' } as never;
const place = { account: '111111111111', region: 'eu-west-1' };

test.each([
  ['https://abc123.execute-api.eu-west-1.amazonaws.com/prod/', true],
  ['https://abc123.lambda-url.eu-west-1.on.aws/', true],
  ['https://shop.example.com/', false],
  ['https://execute-api.eu-west-1.amazonaws.com.example.com/', false],
  ['not a URL', false],
])('%s is called on the local AWS: %s', (url, called) => {
  expect(deployedApi(url, place, instance) !== undefined).toBe(called);
});

/** An API that answers so to who has signed, and so to who has not. */
function api(open: [number, string], signed: [number, string] = open) {
  const asked: boolean[] = [];
  const fetch = async (_: string, request: { signed?: boolean } = {}) => {
    asked.push(request.signed === true);
    const [status, body] = request.signed === true ? signed : open;
    return new Response(body, { status });
  };
  return { asked, api: { url: 'https://a', ...place, fetch } };
}

test('an API that is open is asked once', async () => {
  const { api: open, asked } = api([200, 'hello\nworld\n']);

  expect(await askForRoot(open)).toEqual({ ok: true, text: '200 hello' });
  expect(asked).toEqual([false]);
});

test('one that wants a signature gets it', async () => {
  const { api: closed, asked } = api([403, '{"message":"Forbidden"}'], [404, '{"message":"Not Found"}']);

  expect(await askForRoot(closed)).toEqual({ ok: true, text: '404 {"message":"Not Found"}' });
  expect(asked).toEqual([false, true]);
});

test('one that is broken has not answered, nor has one that cannot be reached', async () => {
  expect(await askForRoot(api([502, 'Internal server error']).api)).toMatchObject({ ok: false });
  const unreachable = { ...api([200, '']).api, fetch: () => Promise.reject(new Error('no route')) };
  expect(await askForRoot(unreachable)).toEqual({ ok: false, text: 'no route' });
});
