import { createHash, createHmac } from 'node:crypto';

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

/**
 * Signs a request to an API with IAM authorization (Signature Version 4, service `execute-api`).
 *
 * @returns the headers to send
 */
export async function signRequest(
  url: URL,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array;
  },
  signer: Signer,
): Promise<Record<string, string>> {
  // Imported late: commands that call no API do not pay for the SDK.
  const [{ HttpRequest }, { SignatureV4 }] = await Promise.all([
    import('@smithy/core/protocols'),
    import('@smithy/signature-v4'),
  ]);
  const signature = new SignatureV4({ service: 'execute-api', sha256: Sha256, ...signer });
  const signed = await signature.sign(
    new HttpRequest({
      method: init.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...init.headers, host: url.host },
      body: init.body,
    }),
  );
  return signed.headers;
}

/** Node's SHA-256 in the shape that the SDK's signer asks for. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
