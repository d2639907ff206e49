export {
  EXAMPLE_ENVIRONMENTS,
  EXAMPLE_REPOSITORY,
  makeEnvironmentsFile,
  type NewEnvironment,
  newEnvironments,
  type NewEnvironments,
  parseNewEnvironments,
  parseTargets,
  readEnvironmentsFile,
} from './environments-file.ts';
export { finish, nxCommand } from './finish.ts';
export { ignoreFiles, WRITTEN_FILES } from './gitignore.ts';
export { editJson, type JsonEdit } from './json.ts';
export { addPackages, type PackageName } from './packages.ts';
export { isRegistered, registerPlugin } from './plugins.ts';
export { renameKey } from './rename-key.ts';
