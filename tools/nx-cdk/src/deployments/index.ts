export { EMPTY_TREE, type DeploymentBase, deploymentBase, shortCommit } from './base.ts';
export { Git } from './git.ts';
export { type RecordedGroup, recordedGroup, recordedGroups } from './groups.ts';
export { type DeploymentRecord, commonDigest, formatRecord, parseRecord, targetsDigest } from './record.ts';
export { RecordStore } from './record-store.ts';
export type { DeploymentState, GroupDeployment } from './overview.ts';
export { moment, type ReleasedOptions, type ReleasedReport, showReleased } from './released.ts';
