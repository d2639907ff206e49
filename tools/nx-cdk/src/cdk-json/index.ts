export {
  type CdkJson,
  ENVIRONMENT_CONTEXT,
  ENVIRONMENTS_CONTEXT,
  PIPELINE_CONTEXT,
  readCdkJson,
  readCdkJsonIfAny,
} from './cdk-json.ts';
export { ignoredSettings, tagsOf } from './settings.ts';
