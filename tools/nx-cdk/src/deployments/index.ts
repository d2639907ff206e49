export { EMPTY_TREE, type ReleaseBase, releaseBase, shortCommit } from './base.ts';
export { Git } from './git.ts';
export { type ReleaseGroup, releaseGroup, releaseGroups } from './groups.ts';
export { type ReleaseRecord, commonDigest, formatRecord, parseRecord, targetsDigest } from './record.ts';
export { RecordStore } from './record-store.ts';
export { type GroupRelease, type ReleaseState, moment } from './overview.ts';
export { type ReleasedOptions, type ReleasedReport, showReleased } from './released.ts';
