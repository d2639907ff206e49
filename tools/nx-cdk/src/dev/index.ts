export type { DevReport, DevRequest, DevScope, DevWorkspace, EditReport } from './contract.ts';
export { dev } from './dev.ts';
