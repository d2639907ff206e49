export { ArtifactStore, BuildCache } from './artifact-store.ts';
export { ExactRole, type ExactRoleProps } from './exact-role.ts';
export { FailureNotifications } from './failure-notifications.ts';
export { PipelineError } from './pipeline-error.ts';
export {
  INLINE_POLICIES_CHARACTERS,
  MANAGED_POLICIES_OF_A_ROLE,
  MANAGED_POLICY_CHARACTERS,
  type SpreadPermission,
  shareAmongRoles,
  spreadPermission,
} from './spread-permission.ts';
