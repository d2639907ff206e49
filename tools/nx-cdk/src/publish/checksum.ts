import { createHash, hash } from 'node:crypto';
import type { FoundObject } from '../destinations/index.ts';
import type { Content } from './content.ts';

/** Size of a part if CDK's own tools upload in parts: the default of @aws-sdk/lib-storage. In bytes. */
const PART_SIZE = 5 * 1024 * 1024;

/**
 * Compares an object with local content by what S3 says about it. `unknown`: only the content itself can tell.
 *
 * Only SHA-256 counts as proof, which S3 computes or checks when the object is written. Content can be made to match a
 * CRC or SHA-1 on purpose: they could tell a transfer error, but not a planted object
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html).
 */
export async function compareChecksum(
  { size, checksum }: Pick<FoundObject, 'size' | 'checksum'>,
  content: Content,
): Promise<'same' | 'different' | 'unknown'> {
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
  const digests: Buffer[] = [];
  let part = createHash('sha256');
  let room = PART_SIZE;
  const chunks = content.buffer ? [content.buffer] : (content.stream() as AsyncIterable<Buffer>);
  for await (let chunk of chunks) {
    while (chunk.length > 0) {
      if (room === 0) {
        digests.push(part.digest());
        part = createHash('sha256');
        room = PART_SIZE;
      }
      const taken = chunk.subarray(0, room);
      part.update(taken);
      room -= taken.length;
      chunk = chunk.subarray(taken.length);
    }
  }
  digests.push(part.digest());
  return `${hash('sha256', Buffer.concat(digests), 'base64')}-${digests.length}`;
}
