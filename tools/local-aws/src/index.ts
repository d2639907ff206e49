export { startInstance, type Fault, type LocalAws, type StartInstanceOptions } from './start-instance.ts';
export { fetchDeployed } from './fetch-deployed.ts';
export type { Signer } from './sign-request.ts';
export { LocalAwsError } from './local-aws-error.ts';
