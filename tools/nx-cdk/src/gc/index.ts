export { askToDeleteGarbage, garbageAsText } from './ask.ts';
export { collectGarbage } from './collect.ts';
export { type GarbagePlace, garbagePlaces } from './places.ts';
export type { GarbageReport, GarbageRequest } from './request.ts';
