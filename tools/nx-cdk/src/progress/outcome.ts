/**
 * How an item can end, with the mark and the colour of its line, in the order of a summary. `behind` to `never` are
 * states of deployments, which `released` shows; `never` is a stack that is not deployed, too.
 */
export const OUTCOMES = {
  created: ['✔', 'green'],
  updated: ['✔', 'green'],
  deleted: ['✔', 'green'],
  uploaded: ['✔', 'green'],
  replaced: ['✔', 'yellow'],
  passed: ['✔', 'green'],
  planned: ['~', 'cyan'],
  drifted: ['~', 'yellow'],
  behind: ['~', 'cyan'],
  ahead: ['~', 'cyan'],
  elsewhere: ['?', 'yellow'],
  never: ['-', 'dim'],
  unchanged: ['=', 'dim'],
  failed: ['✖', 'red'],
  skipped: ['-', 'yellow'],
} as const;

export type Outcome = keyof typeof OUTCOMES;
