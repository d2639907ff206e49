export { anchorOf, code, duration, moment, name, unseen } from './format.ts';
export { type Html, html, joined, type Part } from './html.ts';
export * from './model.ts';
export { kindOf, outcomeBadge } from './outcome.ts';
export { liveContentOf, livePageOf, livePolicy, pageOf } from './page.ts';
export { REPORTS_FOLDER, reportsOf } from './places.ts';
export { filtersOf, titleOf } from './sections.ts';
export { type Fact, pageWith, type Section } from './shell.ts';
export { table } from './table.ts';
