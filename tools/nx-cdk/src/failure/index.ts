export { Failure } from './failure.ts';
