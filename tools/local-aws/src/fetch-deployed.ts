import { localRequest } from './local-request.ts';
import { type Signer, signRequest } from './sign-request.ts';

/**
 * Calls a deployed API by the URL that AWS gives it, such as
 * `https://abc123defg.execute-api.eu-west-1.amazonaws.com/prod/orders`, on a local instance: the request goes to the
 * instance, with the API's name as its Host. TLS is verified against `target.caFile`.
 *
 * @param init method, headers and body, as for `fetch`; a body is a string or bytes
 * @param signer signs the request, for an API with IAM authorization; without one it is sent as it is
 * @throws Error where the instance does not answer; an HTTP error status is a response, as with `fetch`
 */
export async function fetchDeployed(
  url: string | URL,
  init: { method?: string; headers?: ConstructorParameters<typeof Headers>[0]; body?: string | Uint8Array } | undefined,
  target: { endpoint: string; caFile: string },
  signer?: Signer,
): Promise<Response> {
  const deployed = new URL(url);
  const method = init?.method ?? 'GET';
  const plain = Object.fromEntries(new Headers(init?.headers));
  const headers =
    signer === undefined ? plain : await signRequest(deployed, { method, headers: plain, body: init?.body }, signer);
  const response = await localRequest(target, deployed.pathname + deployed.search, {
    method,
    headers: { ...headers, host: deployed.host },
    body: init?.body,
  });
  const received = new Headers();
  for (const [name, value] of Object.entries(response.headers))
    for (const one of [value ?? []].flat()) received.append(name, one);
  // The constructor refuses a body, even an empty one, where HTTP has none.
  const bodyless = [101, 204, 205, 304].includes(response.status);
  return new Response(bodyless ? null : new Uint8Array(response.body), {
    status: response.status,
    statusText: response.statusText,
    headers: received,
  });
}
