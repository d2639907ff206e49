/** Many file assets to many accounts and regions: publishing alone, beside `cdk-assets publish`. */
export { measure } from './measure.ts';
export { report } from './report.ts';
