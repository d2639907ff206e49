export type { DeploymentEnvironment, Environments, Target } from './model.ts';
export { DEFAULT_QUALIFIER, ENVIRONMENTS_FILE, EnvironmentsError, readEnvironments } from './read-environments.ts';
export {
  type BootstrapRole,
  ORGANIZATION_ROLE,
  adminRoleArn,
  bootstrapRoleArn,
  bootstrapRoleName,
  partitionOf,
} from './roles.ts';
