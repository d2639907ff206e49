/** The part of yazl (https://github.com/thejoshwolfe/yazl, which ships no types) that is used here. */
declare module 'yazl' {
  export class ZipFile {
    /** The archive; ends after `end()`. */
    readonly outputStream: NodeJS.ReadableStream;
    on(event: 'error', listener: (error: Error) => void): this;
    /** @throws where the buffer is larger than 1 GiB - 1 B */
    addBuffer(
      buffer: Buffer,
      name: string,
      options: { readonly mtime: Date; readonly mode: number; readonly forceDosTimestamp: boolean },
    ): void;
    end(): void;
  }
}
