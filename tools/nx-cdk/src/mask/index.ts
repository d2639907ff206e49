export { maskedDiff } from './masked-diff.ts';
export { maskedValues } from './masked-values.ts';
export { hideTemplateSecrets } from './template-secrets.ts';
