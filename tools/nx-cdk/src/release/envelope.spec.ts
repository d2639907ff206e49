import { formatEnvelope, parseEnvelope, preAuthenticationEncoding, RECORD_TYPE } from './envelope.ts';

const WHERE = 's3://assets/releases/3f2a/1.json';
const payload = Buffer.from('{"format":1}');
const sig = Buffer.from([0xfb, 0xff, 0x00, 0x01]);
const keyid = 'arn:aws:kms:eu-west-1:123456789012:key/1a2b';

const encoded = (payloadType: string, text: string) =>
  preAuthenticationEncoding({ payloadType, payload: Buffer.from(text) }).toString();

/** An envelope as JSON, with some fields in place of the right ones. */
function envelope(fields: object = {}): string {
  const right = {
    payloadType: RECORD_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid, sig: sig.toString('base64') }],
  };
  return JSON.stringify({ ...right, ...fields });
}

test('what is signed is what the specification prints for its own example', () => {
  expect(encoded('http://example.com/HelloWorld', 'hello world')).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
});

test('lengths are those of bytes, not of characters', () => {
  expect(encoded('ü', 'ä€')).toBe('DSSEv1 2 ü 5 ä€');
});

test('an envelope is read as it was written', () => {
  const written = { payloadType: RECORD_TYPE, payload, signatures: [{ keyid, sig }] };
  expect(parseEnvelope(formatEnvelope(written), WHERE)).toEqual(written);
  expect(parseEnvelope(formatEnvelope({ ...written, signatures: [] }), WHERE).signatures).toEqual([]);
});

test('both alphabets of base64 are read, a signature need not name its key, and further fields mean nothing', () => {
  const signatures = [{ sig: sig.toString('base64url') }, { keyid: 'other', sig: '-_8AAQ==', extension: true }];
  expect(parseEnvelope(envelope({ signatures, version: 7 }), WHERE).signatures).toEqual([
    { keyid: '', sig },
    { keyid: 'other', sig },
  ]);
});

test.each([
  ['cut off', envelope().slice(0, -1), 'it is no JSON'],
  ['a list', `[${envelope()}]`, 'it is no JSON object'],
  ['that is nested without an end', `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`, 'it is no JSON;'],
  ['of lists without an end', `[${'[],'.repeat(1_000_000)}[]]`, 'it is no JSON;'],
  ['of another type', envelope({ payloadType: 'application/json' }), 'its payloadType is not'],
  ['without a payload', envelope({ payload: undefined }), 'its payload is not written in base64'],
  ['with a payload of other letters', envelope({ payload: 'eyJ!' }), 'its payload is not written in base64'],
  ['with a payload that has unused bits', envelope({ payload: 'eyJ9' + 'eR==' }), 'its payload is not written in'],
  ['without signatures', envelope({ signatures: undefined }), 'it has no list of signatures'],
  ['with a signature that is none', envelope({ signatures: [null] }), 'one of its signatures is none'],
  ['with a signature without bytes', envelope({ signatures: [{ keyid }] }), 'one of its signatures is none'],
  ['with a key that is no text', envelope({ signatures: [{ keyid: 1, sig: '' }] }), 'one of its signatures is none'],
])('an envelope %s is refused, and the object is named', (_, text, why) => {
  expect(() => parseEnvelope(text, WHERE)).toThrow(
    expect.objectContaining({ code: 'BrokenRecord', message: expect.stringContaining(`${WHERE} is no record`) }),
  );
  expect(() => parseEnvelope(text, WHERE)).toThrow(why);
});
