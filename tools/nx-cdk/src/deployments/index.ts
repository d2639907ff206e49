export { deploymentBase, shortCommit } from './base.ts';
export { Git } from './git.ts';
export { recordedGroup } from './groups.ts';
export { type DeploymentRecord, targetsDigest } from './record.ts';
export { RecordStore } from './record-store.ts';
export { moment, showReleased } from './released.ts';
