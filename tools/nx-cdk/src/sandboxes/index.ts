export { agreeOnDeletion } from './agree.ts';
export { deleteSandboxes } from './delete.ts';
export { listSandboxes, type Sandbox, type SandboxesRequest } from './list.ts';
export { sandboxesAsText } from './text.ts';
