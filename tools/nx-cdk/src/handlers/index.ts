export { buildHandler, type Image, testHandler, vetHandler } from './build-handler.ts';
export { type Handler, isCI, type Language } from './handler.ts';
