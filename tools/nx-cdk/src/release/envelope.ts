import { Failure } from '../failure/index.ts';
import { parseFlat } from './flat-json.ts';

/** What our envelopes hold: a `PublishRecord` as JSON. */
export const RECORD_TYPE = 'application/vnd.nx-cdk.publish-record+json';

/** How deep objects and lists are in each other, with room for fields that other tools add. */
const LEVELS = 8;

/** Bytes and what they mean. */
export interface Payload {
  readonly payloadType: string;
  readonly payload: Buffer;
}

/** A payload with its signatures; none if nobody signed. */
export interface Envelope extends Payload {
  readonly signatures: readonly EnvelopeSignature[];
}

interface EnvelopeSignature {
  /** A hint at which key to try. Proves nothing: it is not signed itself. */
  readonly keyid: string;
  readonly sig: Buffer;
}

/**
 * What a signature covers: payload and type, so that bytes signed as one thing never pass for another (`PAE` of
 * https://github.com/secure-systems-lab/dsse/blob/master/protocol.md).
 */
export function preAuthenticationEncoding({ payloadType, payload }: Payload): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

/** The envelope as JSON (https://github.com/secure-systems-lab/dsse/blob/master/envelope.md). */
export function formatEnvelope({ payloadType, payload, signatures }: Envelope): string {
  const content = {
    payloadType,
    payload: payload.toString('base64'),
    signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig: sig.toString('base64') })),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/**
 * Reads an envelope. As the format asks for, fields that it does not know are ignored; all others have to be right.
 *
 * @param where names the object in the failure: `s3://bucket/key`
 * @throws Failure `BrokenRecord`
 */
export function parseEnvelope(text: string, where: string): Envelope {
  const broken = (why: string, cause?: unknown) => {
    const what = `${where} is no record of a publishing run: ${why}; somebody has changed it`;
    const next = 'publish again (nx publish <project>) after finding out who';
    return new Failure('BrokenRecord', { what, next }, { cause });
  };
  let content: unknown;
  try {
    content = parseFlat(Buffer.from(text), LEVELS);
  } catch (error) {
    throw broken('it is no JSON', error);
  }
  if (!isObject(content)) throw broken('it is no JSON object');
  const { payloadType, payload, signatures } = content;
  if (payloadType !== RECORD_TYPE) throw broken(`its payloadType is not ${RECORD_TYPE}`);
  const decoded = decode(payload);
  if (decoded === undefined) throw broken('its payload is not written in base64');
  if (!Array.isArray(signatures)) throw broken('it has no list of signatures');
  const read = signatures.map((signature: unknown): EnvelopeSignature => {
    const { keyid = '', sig } = isObject(signature) ? signature : {};
    const bytes = decode(sig);
    if (typeof keyid !== 'string' || bytes === undefined) throw broken('one of its signatures is none');
    return { keyid, sig: bytes };
  });
  return { payloadType, payload: decoded, signatures: read };
}

/** Standard or URL-safe base64: readers have to accept both. `Buffer` alone would skip what it does not understand. */
function decode(text: unknown): Buffer | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64');
  const standard = bytes.toString('base64');
  const withUrlLetters = standard.replaceAll('+', '-').replaceAll('/', '_');
  return [standard, withUrlLetters, bytes.toString('base64url')].includes(text) ? bytes : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
