export { finish } from './finish.ts';
export { ignoreFiles, WRITTEN_FILES } from './gitignore.ts';
export { editJson, type JsonEdit } from './json.ts';
export { addPackages, type PackageName } from './packages.ts';
export { isRegistered, registerPlugin } from './plugins.ts';
