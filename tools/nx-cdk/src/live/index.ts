export { type LiveReport, serveReport } from './serve-report.ts';
