export { asItemEvent } from './stack-toolkit.ts';
export { type StackToolkit, openStackToolkit } from './stack-toolkit.ts';
export { type LookupPlace, LookupCredentials } from './lookup-credentials.ts';
export { loadPlugins } from './load-plugins.ts';
export { openToolkit } from './open-toolkit.ts';
