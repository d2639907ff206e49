/** Jest's `globalTeardown`: without it, the registry would go on and Jest wait for it. */
export { tearDown as default } from './jest-setup.ts';
