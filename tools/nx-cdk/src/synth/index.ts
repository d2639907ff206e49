export { synthesize } from './synthesize.ts';
export { lookupsAllowed } from './lookups-allowed.ts';
export { parseContext } from './parse-context.ts';
export { nameOfKey, readKey } from './looked-up.ts';
export { AppContext, CONTEXT_FILE } from './app-context.ts';
export { runApp } from './run-app.ts';
