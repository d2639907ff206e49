export { startProxy, type AwsProxy, type ProxyOptions } from './start-proxy.ts';
export type { Fault, FaultKind, InjectedFault, RequestMatch } from './faults.ts';
export type { RequestRecord } from './request-record.ts';
