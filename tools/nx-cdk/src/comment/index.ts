export { diffComment } from './diff-comment.ts';
export { postComment } from './post-comment.ts';
export { pullRequestOf } from './pull-request.ts';
