export { rollback } from './rollback.ts';
