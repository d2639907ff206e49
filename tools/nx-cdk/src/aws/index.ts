export { type Connections, connect } from './http.ts';
export { observe } from './observe.ts';
export { CA_FILE_VARIABLE } from './http.ts';
export type { AwsClients, Session } from './contract.ts';
export { type FailedCall, callOf, explain, isAccessDenied } from './explain.ts';
export { type AwsOptions, type ConnectedAwsClients, createAws } from './create-aws.ts';
export { type ResolvedTarget, resolvePlaceholders, sessionFor, resolveTarget } from './placeholders.ts';
