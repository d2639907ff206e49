import type { PutObjectCommandInput, PutObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import type { Content } from './content.ts';

/** The part of a request that sending changes. */
interface Request {
  headers: Record<string, string>;
  body?: unknown;
}

/**
 * One `PutObject`, from memory or, for large content, from disk. A single request holds up to 5 GiB, far beyond what
 * Lambda or CloudFormation take.
 *
 * Two things differ from handing the content to the SDK as `Body`:
 * - The signature covers the hash of the content. It is known, so it is not computed once more for each destination;
 *   and streamed
 *   content is signed as well, which the SDK leaves out.
 * - A stream is opened for each attempt, beneath the SDK's retries, which otherwise give up on a request that streams.
 */
export async function sendObject(
  s3: S3Client,
  input: Omit<PutObjectCommandInput, 'Body'>,
  content: Content,
): Promise<PutObjectCommandOutput> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const command = new PutObjectCommand({ ...input, Body: content.buffer ?? new Uint8Array() });
  command.middlewareStack.add(
    (next) => (args) => {
      (args.request as Request).headers['x-amz-content-sha256'] = content.sha256;
      return next(args);
    },
    { step: 'build', name: 'knownContentHash' },
  );
  if (!content.buffer) {
    command.middlewareStack.add(
      (next) => async (args) => {
        const body = content.stream();
        try {
          return await next({ ...args, request: withBody(args.request as Request, body) });
        } finally {
          body.destroy();
        }
      },
      // After the retries and the signature: what they see has no stream.
      { step: 'finalizeRequest', priority: 'low', name: 'streamEachAttempt' },
    );
  }
  return s3.send(command);
}

/** A copy of a request, so that the next attempt does not find the stream of this one. */
function withBody(request: Request, body: unknown): Request {
  return Object.assign(Object.create(Object.getPrototypeOf(request) as object) as Request, request, { body });
}
