export { type ArchitectureName } from './architecture.ts';
export { buildHandler, type Image, testHandler, vetHandler } from './build-handler.ts';
export { type Handler, type Language } from './handler.ts';
export { buildPython, type PythonRuntime } from './python.ts';
