import { localRequest } from './local-request.ts';

/** Who signs a request to a deployed API. */
export interface Signer {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Region of the API. */
  readonly region: string;
}

interface Request {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/**
 * Calls a deployed API by the URL that AWS gives it, such as
 * `https://abc123defg.execute-api.eu-west-1.amazonaws.com/prod/orders`, on a local instance: the request goes to the
 * instance, with the API's name as its Host. TLS is verified against `target.caFile`.
 *
 * @param signer signs the request, for an API with IAM authorization. @default it is sent as it is
 * @throws Error if the instance does not answer; an HTTP error status is a response, as with `fetch`
 */
export async function fetchDeployed(
  url: string | URL,
  request: Request,
  target: { endpoint: string; caFile: string },
  signer?: Signer,
): Promise<Response> {
  const deployed = new URL(url);
  const headers = signer === undefined ? request.headers : await signedHeaders(deployed, request, signer);
  return localRequest(target, deployed.pathname + deployed.search, {
    ...request,
    headers: { ...headers, host: deployed.host },
  });
}

/** Signature Version 4 for the service `execute-api`, or `lambda` for the URL of a function. */
async function signedHeaders(url: URL, request: Request, signer: Signer): Promise<Request['headers']> {
  // Imported late: commands that call no API do not load the SDK.
  const [{ HttpRequest }, { Hash }, { SignatureV4 }] = await Promise.all([
    import('@smithy/core/protocols'),
    import('@smithy/core/serde'),
    import('@smithy/signature-v4'),
  ]);
  const service = url.hostname.includes('.lambda-url.') ? 'lambda' : 'execute-api';
  const signature = new SignatureV4({ service, sha256: Hash.bind(null, 'sha256'), ...signer });
  const { headers } = await signature.sign(
    new HttpRequest({
      ...request,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...request.headers, host: url.host },
    }),
  );
  return headers;
}
