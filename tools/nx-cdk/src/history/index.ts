export { compareReleases, type ReleaseComparison, type ReleaseContent } from './compare.ts';
export { comparisonAsText } from './compare-text.ts';
export { type ComparedDependencies, compareDependencies, sourcesOf } from './dependencies.ts';
export { fetchRelease } from './fetch.ts';
export { type ChangingStack, goingBack } from './going-back.ts';
export { type History, type ListedRelease, readHistory } from './list.ts';
export { type HistoryPlace, historyPlaces } from './places.ts';
export { PREVIOUS, type ResolvedRelease, resolveRelease } from './resolve.ts';
export { historyAsText, releaseAsText } from './text.ts';
