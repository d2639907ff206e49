export { ExactRole, type ExactRoleProps } from './exact-role.ts';
export { PipelineError } from './pipeline-error.ts';
export { PipelineStack, type PipelineStackProps } from './pipeline-stack.ts';
