export type {
  CiTarget,
  ConnectionSource,
  DeploymentEnvironment,
  Environments,
  GitHubTokenSource,
  PipelineSettings,
  PipelineSource,
  ReleaseSigning,
  S3Source,
  SigningAlgorithm,
  Target,
} from './model.ts';
export {
  allTargets,
  type CiStep,
  DIFF_REPORTS,
  deploySteps,
  diffStep,
  publishStep,
  type StepWords,
  stepsWithRoles,
  synthStep,
  updateStep,
} from './ci-steps.ts';
export {
  type DeployGroup,
  deployGroups,
  lookupRoleArns,
  lookupsRoleName,
  recordParameterName,
  targetName,
} from './pipeline-names.ts';
export {
  DEFAULT_PIPELINE_NAME,
  DEFAULT_QUALIFIER,
  DEFAULT_SIGNING_ALGORITHM,
  ENVIRONMENTS_FILE,
  EnvironmentsError,
  environmentNames,
  readEnvironments,
} from './read-environments.ts';
export { partitionOf, urlSuffixOf } from './partitions.ts';
export { type BootstrapRole, ORGANIZATION_ROLE, adminRoleArn, bootstrapRoleArn, bootstrapRoleName } from './roles.ts';
