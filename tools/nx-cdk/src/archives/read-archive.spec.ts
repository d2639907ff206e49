import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { fileContentDigest } from '../assembly/index.ts';
import { compareArchive } from './compare-archive.ts';
import { STREAMED_ABOVE, zipFolder } from './zip-folder.ts';

const stock = createRequire(import.meta.url)(
  join(createRequire(import.meta.url).resolve('@aws-cdk/cdk-assets-lib'), '../private/tools.js'),
) as { zipDirectory(directory: string, outputFile: string): Promise<void> };

let workspace: string;
let folder: string;
let ours: Buffer;

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'read-archive-'));
  folder = join(workspace, 'folder');
  await mkdir(join(folder, 'lib'), { recursive: true });
  await writeFile(join(folder, 'index.mjs'), 'export const handler = () => "hello";\n'.repeat(50));
  await writeFile(join(folder, 'lib', 'größe.txt'), 'x'.repeat(100));
  await writeFile(join(folder, 'empty'), '');
  ours = await zip();
});
afterEach(() => rm(workspace, { recursive: true, force: true }));

describe('an archive holds the files of a folder', () => {
  test('where the same files were deflated by another compressor', async () => {
    // given
    const other = redeflate(ours);

    // when / then
    expect(other).not.toEqual(ours);
    expect(await holds(other)).toBe(true);
  });

  test('where the stock tool zipped a checkout made with another umask', async () => {
    // given
    await chmod(join(folder, 'index.mjs'), 0o664);
    await stock.zipDirectory(folder, join(workspace, 'stock.zip'));
    const theirs = await readFile(join(workspace, 'stock.zip'));

    // when / then
    expect(theirs).not.toEqual(ours);
    expect(await holds(theirs)).toBe(true);
  });

  test('where large files were streamed, and more than can be held in memory was found', async () => {
    const noise = randomBytes(1024 * 1024);
    await writeFile(join(folder, 'model.bin'), Buffer.concat(Array.from({ length: 33 }, () => noise)));
    const archive = await zip();
    expect(archive.length).toBeGreaterThan(STREAMED_ABOVE);
    expect(await holds(archive)).toBe(true);
    archive[STREAMED_ABOVE - 5]! ^= 1;
    expect(await holds(archive)).toBe(false);
  });
});

describe('an archive does not hold the files of a folder', () => {
  test('where any single byte of one was changed, except in a file mode', async () => {
    // given the places of the mode: the upper half of the external attributes of each central record
    const modes = new Set<number>();
    for (let at = ours.indexOf('PK\u0001\u0002'); at >= 0; at = ours.indexOf('PK\u0001\u0002', at + 1))
      modes.add(at + 40).add(at + 41);
    expect(modes.size).toBe(6);
    // and the last byte of each content, in which the end of the deflated content leaves some bits unused
    const unused = new Set<number>();
    for (let at = ours.indexOf('PK', 1); at >= 0; at = ours.indexOf('PK', at + 1)) unused.add(at - 1);

    // when / then
    const accepted: number[] = [];
    for (let at = 0; at < ours.length; at++) {
      const changed = Buffer.from(ours);
      changed[at]! ^= 0x10;
      if (!modes.has(at) && !unused.has(at) && (await holds(changed))) accepted.push(at);
    }
    expect(accepted).toEqual([]);
  });

  test('where one is cut off anywhere, or has something behind it', async () => {
    for (let length = 0; length < ours.length; length += 7) expect(await holds(ours.subarray(0, length))).toBe(false);
    expect(await holds(Buffer.concat([ours, Buffer.from('x')]))).toBe(false);
  });

  test.each([
    ['the executable bit', () => chmod(join(folder, 'index.mjs'), 0o755)],
    ['a name', () => writeFile(join(folder, 'more.txt'), '')],
    ['a content', () => writeFile(join(folder, 'empty'), '!')],
  ])('where %s differs', async (_, change) => {
    const other = redeflate(ours);
    await change();
    expect(await holds(other)).toBe(false);
    expect(await holds(redeflate(await zip()))).toBe(true);
  });

  test.each([
    ['a link', 0o120755],
    ['a folder', 0o040755],
    ['a program that runs as its owner', 0o104755],
  ])('where a file is %s', async (_, mode) => {
    await chmod(join(folder, 'index.mjs'), 0o755);
    const archive = await zip();
    const record = archive.indexOf('PK\u0001\u0002', archive.indexOf('PK\u0001\u0002') + 1);
    expect(await holds(archive)).toBe(true);
    archive.writeUInt16LE(mode, record + 40);
    expect(await holds(archive)).toBe(false);
  });

  test('where it has another file beside them, or the same one twice', async () => {
    await writeFile(join(folder, 'index.mjs.bak'), '');
    const more = await zip();
    await rm(join(folder, 'index.mjs.bak'));
    expect(await holds(more)).toBe(false);
    const twice = Buffer.from(more);
    for (let at = twice.indexOf('index.mjs.bak'); at >= 0; at = twice.indexOf('index.mjs.bak', at + 1))
      twice.write('index.mjs', at);
    expect(await holds(twice)).toBe(false);
  });

  test('where it has sizes of 64 bits that no file needs', async () => {
    // given an empty file: to a program that reads from the beginning, the rest of its sizes is the end of the archive
    await rm(join(folder, 'lib'), { recursive: true });
    await rm(join(folder, 'index.mjs'));
    const narrow = streamedEmpty(false);
    const wide = streamedEmpty(true);

    // when / then
    expect(await holds(narrow)).toBe(true);
    expect(await holds(wide)).toBe(false);
  });

  test('where its size shows that it cannot: it is not fetched', async () => {
    let fetched = 0;
    const fetch = async () => {
      fetched += 1;
      return undefined;
    };
    await compareArchive(folder, 1024 * 1024, fetch);
    expect(fetched).toBe(0);
    await compareArchive(folder, ours.length, fetch);
    expect(fetched).toBe(1);
    await compareArchive(undefined, 5 * 1024 ** 3 + 1, fetch);
    expect(fetched).toBe(1);
  });

  test('where one could not be read by the function that runs it', async () => {
    await chmod(join(folder, 'index.mjs'), 0o600);
    await stock.zipDirectory(folder, join(workspace, 'stock.zip'));
    expect(await holds(await readFile(join(workspace, 'stock.zip')))).toBe(false);
  });
});

/** Whether an archive holds the files of the folder. It is no other answer where only the digest of it is known. */
async function holds(archive: Buffer): Promise<boolean> {
  const digest = await fileContentDigest({ fingerprint: '', path: folder, packaging: 'zip' });
  const compare = (known?: string) => compareArchive(known, undefined, async () => Readable.from([archive]));
  const [found, alone] = [await compare(folder), await compare()];
  expect(alone?.digest === digest).toBe(found?.digest === digest);
  return found?.digest === digest;
}

/** An archive of the file `empty`, whose sizes come after its content. @param wide whether they have 64 bits */
function streamedEmpty(wide: boolean): Buffer {
  const parts = (...fields: (string | [bytes: number, value: number])[]) =>
    Buffer.concat(
      fields.map((field) => {
        if (typeof field === 'string') return Buffer.from(field);
        const number = Buffer.alloc(8);
        number.writeBigUInt64LE(BigInt(field[1]));
        return number.subarray(0, field[0]);
      }),
    );
  const none: [number, number] = [2, 0];
  const all: [number, number] = [4, 0xffffffff];
  const kind: [number, number][] = [[2, 0x0808], [2, 8], none, [2, 0x21]];
  const name: [number, number] = [2, 'empty'.length];
  const width = wide ? 8 : 4;
  const header = parts('PK\u0003\u0004', [2, 20], ...kind, [8, 0], [4, 0], name, none, 'empty');
  const local = parts(header.toString('latin1'), '\u0003\u0000', 'PK\u0007\u0008', [4, 0], [width, 2], [width, 0]);
  const sizes: [number, number][] = wide
    ? [all, all]
    : [
        [4, 2],
        [4, 0],
      ];
  const lengths: [number, number][] = [name, [2, wide ? 28 : 0], none];
  const attributes: [number, number][] = [none, none, none, [2, 0o100644], wide ? all : [4, 0]];
  const extra: [number, number][] = wide
    ? [
        [2, 1],
        [2, 24],
        [8, 0],
        [8, 2],
        [8, 0],
      ]
    : [];
  const versions: [number, number][] = [
    [2, 0x033f],
    [2, wide ? 45 : 20],
  ];
  const central = parts(
    'PK\u0001\u0002',
    ...versions,
    ...kind,
    [4, 0],
    ...sizes,
    ...lengths,
    ...attributes,
    'empty',
    ...extra,
  );
  const end = parts('PK\u0005\u0006', [4, 0], [2, 1], [2, 1], [4, central.length], [4, local.length], none);
  return Buffer.concat([local, central, end]);
}

async function zip(): Promise<Buffer> {
  return Buffer.concat(await zipFolder(folder).toArray());
}

/** The same archive as another version of the compressor might write it. */
function redeflate(archive: Buffer): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  let local = 0;
  const end = archive.subarray(-22);
  for (let central = end.readUInt32LE(16); central < archive.length - 22;) {
    const nameLength = archive.readUInt16LE(local + 26);
    const packed = archive.readUInt32LE(local + 18);
    const start = local + 30 + nameLength;
    const again = deflateRawSync(inflateRawSync(archive.subarray(start, start + packed)), {
      level: 1,
      strategy: constants.Z_HUFFMAN_ONLY,
    });
    const header = Buffer.from(archive.subarray(local, start));
    header.writeUInt32LE(again.length, 18);
    const record = Buffer.from(archive.subarray(central, central + 46 + nameLength));
    record.writeUInt32LE(again.length, 20);
    record.writeUInt32LE(offset, 42);
    locals.push(header, again);
    centrals.push(record);
    offset += header.length + again.length;
    local = start + packed;
    central += 46 + nameLength;
  }
  const directory = Buffer.concat(centrals);
  const newEnd = Buffer.from(end);
  newEnd.writeUInt32LE(directory.length, 12);
  newEnd.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, newEnd]);
}
