export { synthesize } from './synthesize.ts';
export { lookupsAllowed, parseContext } from './options.ts';
export { nameOfKey, readKey } from './looked-up.ts';
export { AppContext, CONTEXT_FILE } from './app-context.ts';
export { runApp } from './run-app.ts';
