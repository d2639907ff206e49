export { describeRelease } from './create.ts';
export { readReleaseManifest, writeReleaseManifest } from './file.ts';
export type * from './model.ts';
export { RELEASE_FILE, RELEASE_FORMAT } from './model.ts';
export { notePublished } from './note-published.ts';
export { type RecordReport, recordPublished } from './put-records.ts';
export { ReleaseGate } from './release-gate.ts';
export { toolVersions } from './tool-versions.ts';
export { contentCheck, requireRelease, shortRelease, verifyAssembly } from './verify.ts';
