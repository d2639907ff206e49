export { type CdkJson, ENVIRONMENTS_CONTEXT, PIPELINE_CONTEXT, readCdkJson } from './cdk-json.ts';
