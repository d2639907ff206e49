export { type ImportReport, importResources } from './import-resources.ts';
