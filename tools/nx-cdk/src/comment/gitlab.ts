import { type Api, pages, request } from './api.ts';
import type { Comment, Comments } from './comments.ts';

/** Notes on a merge request of GitLab: https://docs.gitlab.com/api/notes/#merge-requests. */
export function gitLabComments(api: Api, project: string, number: string): Comments {
  const notes = `/projects/${project}/merge_requests/${number}/notes`;
  return {
    of: `merge request !${number}`,
    list: () => pages<Comment>(api, `${notes}?sort=asc&order_by=created_at`),
    create: async (body) => void (await request(api, 'POST', notes, { body })),
    update: async (id, body) => void (await request(api, 'PUT', `${notes}/${id}`, { body })),
  };
}
