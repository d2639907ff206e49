export { asItemEvent, openStackToolkit, type StackToolkit } from './stack-toolkit.ts';
export { loadPlugins, LookupCredentials, type LookupPlace } from './lookup-credentials.ts';
export { LOAD_ASSEMBLY, openToolkit } from './open-toolkit.ts';
