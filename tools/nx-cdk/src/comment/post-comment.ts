import { RefusedRequest } from './api.ts';
import type { Comments } from './comments.ts';
import { MARKER } from './diff-comment.ts';

/**
 * Puts a text into the one comment of ours on a pull request: into the one that is there, else into a new one.
 *
 * A comment of somebody else who wrote our marker cannot be changed, and is passed over.
 */
export async function postComment(comments: Comments, body: string): Promise<'created' | 'updated'> {
  for await (const comment of comments.list()) {
    if (!comment.body.startsWith(MARKER)) continue;
    try {
      await comments.update(comment.id, body);
      return 'updated';
    } catch (error) {
      if (!(error instanceof RefusedRequest && [403, 404].includes(error.status))) throw error;
    }
  }
  await comments.create(body);
  return 'created';
}
