export { buildHandler, type Handler, type Image, type Language, testHandler, vetHandler } from './build-handler.ts';
export { isCI } from './tool-folder.ts';
