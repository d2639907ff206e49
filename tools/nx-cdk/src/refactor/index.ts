export { readOverrides } from './overrides.ts';
export { refactor, type RefactorReport } from './refactor.ts';
