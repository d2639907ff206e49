export { diff, type DiffReport } from './diff.ts';
