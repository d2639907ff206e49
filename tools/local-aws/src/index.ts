export { startInstance, type LocalAws, type StartInstanceOptions } from './start-instance.ts';
export { fetchDeployed, type Signer } from './fetch-deployed.ts';
export type { Placeholder } from './placeholders.ts';
export { LocalAwsError } from './local-aws-error.ts';
export { up, type Answer, type DeployedApi, type UpOptions } from './up/index.ts';
