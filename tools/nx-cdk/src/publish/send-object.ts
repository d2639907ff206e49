import { setTimeout as sleep } from 'node:timers/promises';
import type { PutObjectCommandInput, PutObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import type { Content } from './content.ts';

/** How often a streamed upload is begun. The SDK itself repeats only what it holds in memory. */
const STREAM_ATTEMPTS = 5;

/**
 * One `PutObject`. Small content goes from memory, and the SDK repeats it on its own; large content is streamed from disk, anew for each
 * attempt. A single request holds up to 5 GiB, far beyond what Lambda or CloudFormation take.
 */
export async function sendObject(
  s3: S3Client,
  input: Omit<PutObjectCommandInput, 'Body'>,
  content: Content,
): Promise<PutObjectCommandOutput> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const attempt = (body: PutObjectCommandInput['Body']) => {
    const command = new PutObjectCommand({ ...input, Body: body });
    // The signature covers the hash of the content. It is known, so it is not computed once more for each destination; and a
    // streamed body is signed as well, which the SDK leaves out.
    command.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] = content.sha256;
        return next(args);
      },
      { step: 'build', name: 'knownContentHash' },
    );
    return s3.send(command);
  };
  if (content.buffer) return attempt(content.buffer);
  for (let tried = 1; ; tried++) {
    const body = content.stream();
    try {
      return await attempt(body);
    } catch (error) {
      if (tried >= STREAM_ATTEMPTS || !isTransient(error)) throw error;
      // Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
      await sleep(Math.random() * 200 * 2 ** tried);
    } finally {
      body.destroy();
    }
  }
}

function isTransient(error: unknown): boolean {
  const { name, code, $metadata } = error as { name?: string; code?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  return (
    (status !== undefined && (status >= 500 || status === 429)) ||
    ['SlowDown', 'RequestTimeout', 'TimeoutError'].includes(name ?? '') ||
    ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED'].includes(code ?? '')
  );
}
