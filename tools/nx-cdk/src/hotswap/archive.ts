import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { zipFolder } from '../archives/index.ts';
import { fileContentDigest, type FileSource } from '../assembly/index.ts';

/** The code of a function, ready to be sent. */
export interface CodeArchive {
  /** What Lambda calls `CodeSha256`: of the archive, in Base64. */
  readonly sha256: string;
  /** Packed when it is asked for. */
  readonly zip: () => Promise<Buffer>;
}

/** Archives of assets and of folders that were built: each content is packed once to be known. */
export class CodeArchives {
  readonly #known = new Map<string, string>();

  /** The archive of what is in a folder or a file now. @throws as `fileContentDigest` and `zipFolder` do */
  async of(source: Pick<FileSource, 'path' | 'packaging'>): Promise<CodeArchive> {
    const digest = `${source.packaging} ${await fileContentDigest({ fingerprint: '', ...source })}`;
    const known = this.#known.get(digest);
    if (known !== undefined) return { sha256: known, zip: () => pack(source) };
    const zip = await pack(source);
    const sha256 = hash('sha256', zip, 'base64');
    this.#known.set(digest, sha256);
    return { sha256, zip: async () => zip };
  }
}

async function pack({ path, packaging }: Pick<FileSource, 'path' | 'packaging'>): Promise<Buffer> {
  return packaging === 'zip' ? buffer(zipFolder(path!)) : readFile(path!);
}
