export { approvedRelease, formatReleases, isReviewed, parseReleases, requireRelease } from './approved.ts';
export { bundleKey, packBundle } from './bundle.ts';
export { type Claims, claimPlaces, isUnusable, RECORD_IS_FRESH } from './claims.ts';
export { describeRelease } from './create.ts';
export { bundleWrittenAt, type FetchedBundle, fetchBundle, writeAssembly } from './fetch-bundle.ts';
export { notePublished, readReleaseManifest, writeReleaseManifest } from './file.ts';
export { Ledger, type LedgerEntry } from './ledger.ts';
export { type PublishRecord, RELEASE_FILE, type ReleaseManifest, shortRelease } from './model.ts';
export { NOTICE_HOLDS, NOTICE_IS_OLD, NOTICES, readNotices } from './notices.ts';
export { recordPublished } from './put-records.ts';
export type { FurtherTarget, StagingPlace } from './record-places.ts';
export { imagePlace, objectPlace, RECORDS, retiredKey } from './record.ts';
export {
  type FoundEntry,
  type IndexEntry,
  indexKey,
  LARGEST_PAGE,
  readIndex,
  type SourceState,
} from './release-index.ts';
export { ReleaseGate } from './release-gate.ts';
export { requireSigned } from './require-signed.ts';
export { storedTemplates } from './stored-templates.ts';
export { toolVersions } from './tool-versions.ts';
export { contentCheck, type ReadContents, verifyAssembly } from './verify.ts';
