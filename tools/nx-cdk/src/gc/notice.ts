import { hash, randomUUID } from 'node:crypto';
import type { AwsClients } from '../aws/index.ts';
import type { Clock } from '../cloudformation/index.ts';
import { Buckets, bucketOf, explainObjectError } from '../destinations/index.ts';
import { NOTICE_HOLDS, NOTICES } from '../release/index.ts';
import type { GarbagePlace } from './places.ts';

/**
 * Says in the buckets of an account that a run is deleting: who begins to publish waits until it is done, and who began
 * before has left a claim that is read after this was written. It holds for a time, so that a killed run keeps nobody
 * waiting for long, and is written again while the run goes on.
 */
export class CollectingNotice {
  readonly #aws: AwsClients;
  readonly #places: readonly GarbagePlace[];
  readonly #clock: Clock;
  readonly #key = `${NOTICES}${randomUUID()}`;
  readonly #buckets = new Buckets();
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(aws: AwsClients, places: readonly GarbagePlace[], clock: Clock) {
    this.#aws = aws;
    this.#places = places;
    this.#clock = clock;
  }

  /** Milliseconds for which a request may still be started, and be over before the notice holds no more. */
  get remaining(): number {
    return this.#writtenAt + NOTICE_HOLDS / 2 - this.#clock.now();
  }

  /** Writes it, or writes it again. What is needed has to be read after this. */
  async write(): Promise<void> {
    const { PutObjectCommand } = await import('@aws-sdk/client-s3');
    const startedAt = this.#clock.now();
    const text = JSON.stringify({ collecting: true });
    const body = { Body: text, ContentType: 'application/json', ChecksumSHA256: hash('sha256', text, 'base64') };
    await Promise.all(
      this.#places.map(async (place) => {
        const object = { ...place, key: this.#key };
        const s3 = await this.#aws.s3(place.session);
        const encryption = await this.#buckets.encryption(this.#aws, object);
        const input = { ...bucketOf(place), Key: this.#key, ...body, ...encryption };
        await s3.send(new PutObjectCommand(input)).catch(async (error: unknown) => {
          throw await explainObjectError(this.#aws, object, error);
        });
      }),
    );
    this.#writtenAt = startedAt;
  }

  /** Takes it away. What cannot be taken away holds no longer than it would have. */
  async remove(): Promise<void> {
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
    this.#writtenAt = Number.NEGATIVE_INFINITY;
    await Promise.allSettled(
      this.#places.map(async (place) => {
        const s3 = await this.#aws.s3(place.session);
        await s3.send(new DeleteObjectCommand({ ...bucketOf(place), Key: this.#key }));
      }),
    );
  }
}
