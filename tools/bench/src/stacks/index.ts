/** 40 small stacks in two accounts: synth, publish and deploy, beside `cdk deploy` and the stock tools one by one. */
export { measure } from './measure.ts';
export { report } from './report.ts';
