export { startProxy, type AwsProxy, type RequestRecord } from './start-proxy.ts';
export type { Fault, FaultKind, InjectedFault, RequestMatch } from './faults.ts';
