export { maskedDiff } from './masked-diff.ts';
export { hideTemplateSecrets } from './template-secrets.ts';
