export * from './model.ts';
export { liveContentOf, livePageOf, livePolicy, pageOf } from './page.ts';
