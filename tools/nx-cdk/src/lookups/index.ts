export { lookUp } from './look-up.ts';
export type { LookupOutcome, LookupsReport, LookupsRequest, LookupValue } from './request.ts';
