export { DeployedApi, type Order } from './deployed-api.ts';
export { CI, ENVIRONMENTS, PROD, type Place, STACKS, STAGING, STRANGER } from './landscape.ts';
export { rootClients } from './local-clients.ts';
export { type Credentials, ROLES, roleWhichMayAssume, userWhoMayAssume } from './principals.ts';
export { type DeployReport, type PublishReport, eventsOf, outcomes, places, reportOf } from './reports.ts';
export { type ProcessResult, UnexpectedExit, killProcesses, runProcess, succeeded } from './run-process.ts';
export { CHECKOUT, ScratchWorkspace, type StepEnvironment } from './scratch-workspace.ts';
export { type TestBed, type TestBedOptions, openTestBed } from './test-bed.ts';
export { cleanEnvironment } from './clean-environment.ts';
