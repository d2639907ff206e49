export * from './model.ts';
export { pageOf } from './page.ts';
