import { html, type Html } from './html.ts';

/** How things end, as pages show it: a sign and a word, so that nobody needs to see colours. */
const SIGNS: Readonly<Record<string, readonly [sign: string, tone: Tone]>> = {
  created: ['✔', 'good'],
  updated: ['✔', 'good'],
  deleted: ['✔', 'good'],
  uploaded: ['✔', 'good'],
  passed: ['✔', 'good'],
  done: ['✔', 'good'],
  replaced: ['✔', 'warn'],
  planned: ['~', 'accent'],
  different: ['~', 'accent'],
  create: ['+', 'good'],
  recreate: ['±', 'warn'],
  update: ['~', 'accent'],
  delete: ['-', 'bad'],
  unchanged: ['=', 'dim'],
  failed: ['✖', 'bad'],
  refused: ['✖', 'bad'],
  skipped: ['-', 'warn'],
  running: ['▸', 'accent'],
  waiting: ['…', 'dim'],
  'not finished': ['?', 'warn'],
};

/** Classes of the style. */
export type Tone = 'good' | 'bad' | 'warn' | 'accent' | 'dim';

export function outcomeBadge(outcome: string): Html {
  const [sign, tone] = SIGNS[outcome] ?? ['·', 'dim'];
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign} </span>${outcome}</span>`;
}

/** Whether an item is worked on while the page is made. */
export function isRunning({ outcome }: { readonly outcome?: string }): boolean {
  return outcome === 'running';
}

/** Whether what is worked on, or has not begun, is still to come to its end. */
export function goOn(items: readonly { readonly outcome?: string }[]): boolean {
  return items.some((item) => isRunning(item) || item.outcome === 'waiting');
}

/** What a filter counts an outcome as. */
export function kindOf(outcome: string | undefined): 'failed' | 'unchanged' | 'changed' | 'running' | 'waiting' {
  if (outcome === 'running' || outcome === 'waiting') return outcome;
  if (outcome === undefined || ['failed', 'skipped', 'refused'].includes(outcome)) return 'failed';
  return outcome === 'unchanged' ? 'unchanged' : 'changed';
}
