export { deleteSandboxes, findSandboxStacks, type FoundStacks } from './delete.ts';
export { listSandboxes, type Sandbox, type SandboxesRequest } from './list.ts';
export { sandboxDeletionsTitle, sandboxesAsText } from './text.ts';
