import { hash } from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { ReleaseSigning } from '@nx-cdk/environments';
import { type AwsClients, isAccessDenied } from '../aws/index.ts';
import { Failure, roleOf } from '../failure/index.ts';
import { type Envelope, type Payload, preAuthenticationEncoding } from './envelope.ts';

/** Errors that say that the key is wrong for this. */
const KEY_MISTAKES = [
  'NotFoundException',
  'DisabledException',
  'InvalidKeyUsageException',
  'KMSInvalidStateException',
  'ValidationException',
];

/** In bytes (https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html). */
const LONGEST_SIGNATURE = 6144;

/**
 * Signs and verifies with a KMS key and the caller's own credentials: the publish step may sign, the deploy step may
 * verify. KMS gets the SHA-256 of what is signed, since a message has at most 4096 bytes
 * (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html).
 */
export class ReleaseSigner {
  readonly #aws: AwsClients;
  readonly #signing: ReleaseSigning;

  constructor(aws: AwsClients, signing: ReleaseSigning) {
    this.#aws = aws;
    this.#signing = signing;
  }

  /** ARN of the key. */
  get key(): string {
    return this.#signing.key;
  }

  /** @throws Failure `SigningDenied` naming principal, action and key; `SigningKey` if the key cannot be used so */
  async sign(payload: Payload): Promise<Envelope> {
    const { SignCommand } = await import('@aws-sdk/client-kms');
    const kms = await this.#kms();
    const answer = await kms
      .send(new SignCommand(this.#question(payload)))
      .catch((error: unknown) => this.#refused('Sign', error));
    return { ...payload, signatures: [{ keyid: this.key, sig: Buffer.from(answer.Signature!) }] };
  }

  /** Whether an envelope says that the key signed it, true or not. */
  claims({ signatures }: Pick<Envelope, 'signatures'>): boolean {
    return signatures.some(({ keyid }) => keyid === this.key);
  }

  /** Whether one of the signatures is by the key, for this payload. @throws Failure as `sign` does */
  async verify(envelope: Envelope): Promise<boolean> {
    const { VerifyCommand } = await import('@aws-sdk/client-kms');
    const kms = await this.#kms();
    for (const { keyid, sig } of envelope.signatures) {
      // KMS would call a signature of an impossible length a mistake of ours.
      if (keyid !== this.key || sig.length === 0 || sig.length > LONGEST_SIGNATURE) continue;
      try {
        const answer = await kms.send(new VerifyCommand({ ...this.#question(envelope), Signature: sig }));
        if (answer.SignatureValid === true) return true;
      } catch (error) {
        // KMS answers a wrong signature with an error and never with `false`.
        if ((error as Error).name === 'KMSInvalidSignatureException') continue;
        await this.#refused('Verify', error);
      }
    }
    return false;
  }

  #question(payload: Payload) {
    const { key: KeyId, algorithm: SigningAlgorithm } = this.#signing;
    const Message = hash('sha256', preAuthenticationEncoding(payload), 'buffer');
    return { KeyId, SigningAlgorithm, Message, MessageType: 'DIGEST' } as const;
  }

  #kms(): Promise<KMSClient> {
    const [, , , region, account] = this.key.split(':');
    return this.#aws.kms({ account: account!, region: region! });
  }

  async #refused(action: 'Sign' | 'Verify', error: unknown): Promise<never> {
    const { name, message } = error as Error;
    if (isAccessDenied(error)) {
      const { arn: principal } = await this.#aws.caller().catch(() => ({ arn: 'the caller' }));
      const effect = action === 'Sign' ? 'nothing is recorded' : 'nothing is deployed';
      const what = `${principal} may not kms:${action} with the key ${this.key}, so ${effect}`;
      const next = `allow kms:${action} on it in the policy of that principal, and in the key's own`;
      const denied = { action: `kms:${action}`, resource: this.key, role: roleOf(principal) };
      throw new Failure('SigningDenied', { what, next }, { cause: error, denied });
    }
    if (!KEY_MISTAKES.includes(name)) throw error;
    const { algorithm } = this.#signing;
    const what = `The key ${this.key} cannot be used for ${algorithm} (${message.replace(/\.$/, '')})`;
    const next = 'correct "signing" in environments.json, or --signingKey';
    throw new Failure('SigningKey', { what, next }, { cause: error });
  }
}
