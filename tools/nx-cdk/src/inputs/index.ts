export { ASKED_TARGETS, isAskedFor } from './asked.ts';
export { CONFIGURATION, missedConfiguration } from './configuration.ts';
export { isLeftOut, STORED_RELEASE_TARGETS } from './stored-release.ts';
export { appEnvironment, type EnvironmentRequest, FOLLOW, inputsOf } from './environment.ts';
export { hasCredentials, identityOf, namesCredentials } from './identity.ts';
export { keepReads, keyOf, KNOWN_FOLDER } from './known.ts';
export { unfollowedIn } from './programs.ts';
export { changedPaths, type Followed, isAsRead, type Read, readFollowed } from './reads.ts';
