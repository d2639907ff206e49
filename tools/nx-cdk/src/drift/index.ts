export { detectDrift } from './drift.ts';
export type { DriftReport } from './model.ts';
