export {
  type CdkJson,
  ENVIRONMENT_CONTEXT,
  ENVIRONMENTS_CONTEXT,
  PIPELINE_CONTEXT,
  readCdkJson,
  readCdkJsonIfAny,
} from './cdk-json.ts';
export { instanceFolder, INSTANCES_FOLDER } from './instance-folder.ts';
export { ignoredSettings, tagsOf } from './settings.ts';
