export { DiffMask } from './diff-mask.ts';
export { templateSecrets } from './template-secrets.ts';
