/** One container image to many accounts and regions: built once and pushed in parallel, beside `cdk deploy`. */
export { measure } from './measure.ts';
export { report } from './report.ts';
