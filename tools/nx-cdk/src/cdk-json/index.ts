export { type CdkJson, ENVIRONMENT_CONTEXT, ENVIRONMENTS_CONTEXT, PIPELINE_CONTEXT, readCdkJson } from './cdk-json.ts';
