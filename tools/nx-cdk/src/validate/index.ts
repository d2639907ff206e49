export { findingsAsText } from './text.ts';
export { validate, type ValidateReport } from './validate.ts';
