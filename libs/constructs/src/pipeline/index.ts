export { ArtifactStore, type ArtifactStoreProps } from './artifact-store.ts';
export { BuildCache, type BuildCacheProps } from './build-cache.ts';
export { ExactRole, type ExactRoleProps, type ManyResources } from './exact-role.ts';
export { FailureNotifications, type FailureNotificationsProps } from './failure-notifications.ts';
export { PipelineError } from './pipeline-error.ts';
export {
  INLINE_POLICIES_CHARACTERS,
  MANAGED_POLICIES_OF_A_ROLE,
  MANAGED_POLICY_CHARACTERS,
  type SpreadPermission,
  shareAmongRoles,
  spreadPermission,
} from './spread-permission.ts';
