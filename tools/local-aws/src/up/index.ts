export { up, type UpOptions } from './up.ts';
export type { Answer, DeployedApi } from './deployed-api.ts';
