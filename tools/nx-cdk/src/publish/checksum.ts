import { createHash } from 'node:crypto';
import type { FoundObject } from '../destinations/index.ts';
import type { Content } from './content.ts';

/** What S3 says about the content of an object. `unknown`: only the content itself can tell. */
export type Comparison = 'same' | 'different' | 'unknown';

/** Size of a part if CDK's own tools upload in parts: the default of @aws-sdk/lib-storage. In bytes. */
const PART_SIZE = 5 * 1024 * 1024;

/**
 * Compares an object with local content by what S3 says about it.
 *
 * Only SHA-256 counts as proof. S3 computes or checks it when the object is written, so that nobody can attach it to
 * other content. The CRC family and SHA-1 are left aside: content can be made to match them on purpose, so they could
 * tell a transfer error but not a planted object
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html).
 */
export async function compareChecksum(
  { size, checksum }: Pick<FoundObject, 'size' | 'checksum'>,
  content: Content,
): Promise<Comparison> {
  if (size !== undefined && size !== content.size) return 'different';
  if (!checksum) return 'unknown';
  const parts = /-(\d+)$/.exec(checksum);
  if (!parts) return checksum === base64(content.sha256) ? 'same' : 'different';
  // An object that was written in parts carries a checksum over the checksums of its parts. With other parts, the same
  // content has another one, so that a difference proves nothing.
  if (Math.ceil(content.size / PART_SIZE) !== Number(parts[1])) return 'unknown';
  return checksum === (await checksumOfParts(content)) ? 'same' : 'unknown';
}

/** SHA-256 as S3 writes it. */
export function base64(hexadecimal: string): string {
  return Buffer.from(hexadecimal, 'hex').toString('base64');
}

async function checksumOfParts(content: Content): Promise<string> {
  const whole = createHash('sha256');
  let part = createHash('sha256');
  let room = PART_SIZE;
  let parts = 0;
  const chunks = content.buffer ? [content.buffer] : (content.stream() as AsyncIterable<Buffer>);
  for await (let chunk of chunks) {
    while (chunk.length > 0) {
      const taken = chunk.subarray(0, room);
      part.update(taken);
      room -= taken.length;
      chunk = chunk.subarray(taken.length);
      if (room > 0) continue;
      whole.update(part.digest());
      parts += 1;
      part = createHash('sha256');
      room = PART_SIZE;
    }
  }
  if (room < PART_SIZE) {
    whole.update(part.digest());
    parts += 1;
  }
  return `${whole.digest('base64')}-${parts}`;
}
