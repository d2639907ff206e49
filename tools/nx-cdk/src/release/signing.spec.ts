import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { AwsClients } from '../aws/index.ts';
import { preAuthenticationEncoding } from './envelope.ts';
import { ReleaseSigner } from './signing.ts';

/*
 * What is asked of KMS, and what becomes of its answers. The signatures are real ones, of a key of this process; that
 * permissions and keys work is shown in tests/engines, on the local AWS.
 */

const key = 'arn:aws:kms:eu-central-1:123456789012:key/1a2b';
const envelope = { payloadType: 'application/vnd.test+json', payload: Buffer.from('{"format":1}') };
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let asked: { place: object; name: string; input: Record<string, unknown> }[];
let answer: ((name: string, input: Record<string, unknown>) => object) | undefined;

beforeEach(() => {
  asked = [];
  answer = undefined;
});

const signer = () => new ReleaseSigner(aws as unknown as AwsClients, { key, algorithm: 'ECDSA_SHA_256' });

test('the digest of what a DSSE signature covers is signed in the account and region of the key, and verified there', async () => {
  // when
  const signed = await signer().sign(envelope);

  // then a reader with the public key and no KMS believes it, too
  expect(signed).toMatchObject({ ...envelope, signatures: [{ keyid: key }] });
  const bytes = preAuthenticationEncoding(envelope);
  expect(verify('sha256', bytes, publicKey, signed.signatures[0]!.sig)).toBe(true);
  expect(await signer().verify(signed)).toBe(true);
  const Message = createHash('sha256').update(bytes).digest();
  const question = { KeyId: key, SigningAlgorithm: 'ECDSA_SHA_256', MessageType: 'DIGEST', Message };
  expect(asked).toEqual([
    { place: { account: '123456789012', region: 'eu-central-1' }, name: 'Sign', input: question },
    {
      place: { account: '123456789012', region: 'eu-central-1' },
      name: 'Verify',
      input: expect.objectContaining(question),
    },
  ]);
});

test.each([
  ['one flipped bit', (sig: Buffer) => flip(sig)],
  ['no byte', () => Buffer.alloc(0)],
])('a signature of %s is none', async (_, change) => {
  const { signatures, ...rest } = await signer().sign(envelope);
  expect(await signer().verify({ ...rest, signatures: [{ keyid: key, sig: change(signatures[0]!.sig) }] })).toBe(false);
});

test('of several signatures one of the key is enough, and those of other keys are not tried', async () => {
  const { signatures, ...rest } = await signer().sign(envelope);
  const [right] = signatures;
  const others = [
    { keyid: 'arn:other', sig: right!.sig },
    { keyid: key, sig: flip(right!.sig) },
  ];
  expect(await signer().verify({ ...rest, signatures: [...others, right!] })).toBe(true);
  expect(asked.filter(({ name }) => name === 'Verify')).toHaveLength(2);
  expect(await signer().verify({ ...rest, signatures: [others[0]!] })).toBe(false);
  expect(signer().claims({ signatures: [others[0]!] })).toBe(false);
});

test.each(['Sign', 'Verify'] as const)(
  'who may not kms:%s is told the principal, the action and the key',
  async (action) => {
    answer = () => {
      throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    };
    const doing =
      action === 'Sign'
        ? signer().sign(envelope)
        : signer().verify({ ...envelope, signatures: [{ keyid: key, sig: Buffer.from('a') }] });
    await expect(doing).rejects.toMatchObject({
      code: 'SigningDenied',
      message: expect.stringMatching(
        new RegExp(`^arn:aws:iam::123456789012:role/step may not kms:${action} with the key ${key}`),
      ),
    });
  },
);

test('a key that does not sign in this way is named, and where it is set', async () => {
  answer = () => {
    throw Object.assign(new Error('it is an RSA key.'), { name: 'InvalidKeyUsageException' });
  };
  await expect(signer().sign(envelope)).rejects.toMatchObject({
    code: 'SigningKey',
    message: `The key ${key} cannot be used for ECDSA_SHA_256 (it is an RSA key): correct "signing" in environments.json, or --signingKey.`,
  });
});

const aws = {
  caller: async () => ({ arn: 'arn:aws:iam::123456789012:role/step' }),
  kms: async (place: object) => ({
    send: async ({ constructor, input }: { constructor: { name: string }; input: Record<string, unknown> }) => {
      const name = constructor.name.replace(/Command$/, '');
      asked.push({ place, name, input });
      return (answer ?? kms)(name, input);
    },
  }),
};

/** Does what KMS does, with a key of this process. What is signed is known here before it is hashed. */
function kms(name: string, { Message, Signature }: Record<string, unknown>): object {
  const bytes = preAuthenticationEncoding(envelope);
  expect(Message).toEqual(createHash('sha256').update(bytes).digest());
  if (name === 'Sign') return { Signature: sign('sha256', bytes, privateKey) };
  if (verify('sha256', bytes, publicKey, Signature as Buffer)) return { SignatureValid: true };
  throw Object.assign(new Error(), { name: 'KMSInvalidSignatureException' });
}

function flip(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
}
