export {
  builderCalls,
  describeWithPodman,
  forgetImages,
  IMAGE_BUILDER,
  imagesAreTested,
  podmanWorks,
} from './image-builder.ts';
export { DeployedApi, type Order } from './deployed-api.ts';
export { CI, ENVIRONMENTS, PROD, type Place, QUOTES, STACKS, STAGING, STRANGER } from './landscape.ts';
export { linkingNpm, linkModules } from './linked-modules.ts';
export { sharedAws } from './local-aws.ts';
export { rootClients, rootOf } from './local-clients.ts';
export {
  callerWhoMay,
  callerWhoMayOnly,
  type Credentials,
  mayAssume,
  type Permission,
  ROLES,
  roleWhichMayAssume,
  statement,
  userWhoMayAssume,
} from './principals.ts';
export { bootstrap, bootstrapTemplate } from './bootstrap.ts';
export { type DeployReport, type PublishReport, eventsOf, outcomes, places, reportOf } from './reports.ts';
export {
  killProcesses,
  type ProcessResult,
  runProcess,
  type StartedProcess,
  startProcess,
  succeeded,
  UnexpectedExit,
} from './process.ts';
export { ScratchWorkspace, type StepEnvironment } from './scratch-workspace.ts';
export { CHECKOUT, copyWorkspace } from './workspace-copy.ts';
export { openTestBed, openWorkspaceBed, type TestBed, type WorkspaceBed } from './test-bed.ts';
export { temporaryFolder } from './temporary-folder.ts';
export { cleanEnvironment, KEPT_CODE, QUICK_SYNTHESIS } from './clean-environment.ts';
export { shipInProcess, startExecutors, type Step } from './executor-process.ts';
export { type NxWorkspace, nxWorkspace } from './nx-workspace.ts';
