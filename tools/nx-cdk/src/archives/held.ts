import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Holdings, temporaryFolder } from './holdings.ts';

/** Content up to this size is held in memory; larger content in a temporary file. In bytes. */
export const IN_MEMORY_LIMIT = 8 * 1024 * 1024;

/** Content that was read once and can be read again, until it is disposed. */
export interface Held extends AsyncDisposable {
  /** In bytes. */
  readonly size: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
  /** The whole content, if it is small enough to be held. */
  readonly buffer: Buffer | undefined;
  /** A part of the content; less of it where the content ends before. */
  read(start: number, end: number): Promise<Buffer>;
  /** The same, piece by piece. @default - all of it */
  stream(start?: number, end?: number): Readable;
}

/** Hashes a stream and keeps it: in memory while it is small, else in a file that only this user can reach. */
export async function hold(content: AsyncIterable<Uint8Array>): Promise<Held> {
  await using held = new Holdings();
  const sum = createHash('sha256');
  let chunks: Uint8Array[] | undefined = [];
  let size = 0;
  let path = '';
  let file: FileHandle | undefined;
  for await (const chunk of content) {
    sum.update(chunk);
    size += chunk.length;
    if (chunks && size <= IN_MEMORY_LIMIT) {
      chunks.push(chunk);
      continue;
    }
    if (file === undefined) {
      const folder = held.use(await temporaryFolder('nx-cdk-archive-'));
      path = join(folder.path, 'content');
      file = held.use(await open(path, 'wx+', 0o600));
      for (const each of chunks ?? []) await file.appendFile(each);
      chunks = undefined;
    }
    await file.appendFile(chunk);
  }
  const buffer = chunks && Buffer.concat(chunks);
  const read = async (start: number, end: number) => {
    if (file === undefined) return buffer!.subarray(start, end);
    const part = Buffer.alloc(Math.max(0, Math.min(end, size) - start));
    await file.read(part, 0, part.length, start);
    return part;
  };
  const stream = (start = 0, end = size) => {
    if (buffer) return Readable.from([buffer.subarray(start, end)], { objectMode: false });
    return createReadStream(path, { start, end: end - 1 });
  };
  const moved = held.move();
  return {
    size,
    sha256: sum.digest('hex'),
    buffer,
    read,
    stream,
    [Symbol.asyncDispose]: () => moved[Symbol.asyncDispose](),
  };
}
