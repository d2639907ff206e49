export type { DiffReport } from '../diff/index.ts';
export { diffComment, type Findings } from './diff-comment.ts';
export { postComment } from './post-comment.ts';
export { pullRequestOf, runAddress } from './pull-request.ts';
export { sandboxComment, type SandboxState } from './sandbox-comment.ts';
