import { type Api, pages, request } from './api.ts';
import type { Comment, Comments } from './comments.ts';

/** Comments on a pull request of GitHub: https://docs.github.com/rest/issues/comments. */
export function gitHubComments(api: Api, repository: string, number: string): Comments {
  const comments = `/repos/${repository}/issues`;
  return {
    of: `${repository}#${number}`,
    list: () => pages<Comment>(api, `${comments}/${number}/comments`),
    create: async (body) => void (await request(api, 'POST', `${comments}/${number}/comments`, { body })),
    update: async (id, body) => void (await request(api, 'PATCH', `${comments}/comments/${id}`, { body })),
  };
}
