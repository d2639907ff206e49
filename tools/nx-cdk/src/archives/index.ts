export { compareArchive } from './compare-archive.ts';
export { hold, type Held, IN_MEMORY_LIMIT } from './held.ts';
export { Holdings, temporaryFolder } from './holdings.ts';
export { changed, zipFolder } from './zip-folder.ts';
