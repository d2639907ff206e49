export { formatReleases, parseReleases, requireRelease } from './approved.ts';
export { describeRelease } from './create.ts';
export { notePublished, readReleaseManifest, writeReleaseManifest } from './file.ts';
export { type PublishRecord, RELEASE_FILE, type ReleaseManifest } from './model.ts';
export { recordPublished } from './put-records.ts';
export { ReleaseGate } from './release-gate.ts';
export { requireSigned } from './require-signed.ts';
export { toolVersions } from './tool-versions.ts';
export { contentCheck, type ReadContents, verifyAssembly } from './verify.ts';
