import { jest } from '@jest/globals';

/** Runs something and keeps what it prints, on both streams and in order, instead of showing it. */
export async function captureOutput<Result extends object>(
  run: () => Promise<Result>,
): Promise<Result & { output: string }> {
  let output = '';
  const keep = (text: string | Uint8Array) => {
    output += String(text);
    return true;
  };
  const streams = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation(keep as never),
  );
  try {
    return { ...(await run()), output };
  } finally {
    for (const stream of streams) stream.mockRestore();
  }
}
