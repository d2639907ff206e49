export { synthesize } from './synthesize.ts';
export { parseContext } from './options.ts';
export { nameOfKey, readKey } from './looked-up.ts';
export { AppContext, CONTEXT_FILE } from './app-context.ts';
export { ReadyApp } from './ready-app.ts';
export { resolvesDefaults } from './resolves-defaults.ts';
export { runApp } from './run-app.ts';
export { settingsOfInstance, synthesisBy, type SynthSettings } from './settings.ts';
