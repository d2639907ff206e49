import { deployPage } from './deploy-page.ts';
import { devPage } from './dev-page.ts';
import { diffPage } from './diff-page.ts';
import { documentOf, policyOf } from './document.ts';
import { html, type Html } from './html.ts';
import type { DiffRun, RunFile, ShownRun } from './model.ts';
import { publishPage } from './publish-page.ts';
import type { Content } from './sections.ts';
import { untilNow } from './until-now.ts';

/** The page that shows a run: one file, which asks nothing of the network. */
export async function pageOf(run: DiffRun | RunFile): Promise<string> {
  const { title, body } = await contentOf(run);
  return documentOf({ title, body: html`${body} ${footer('It loads nothing and sends nothing.')}` });
}

/** What of a served page changes while the run goes on. */
export interface LiveContent {
  readonly title: string;
  /** Markup. */
  readonly body: string;
}

const LIVE = { connects: "'self'", scripts: ['live.js'] } as const;

/** The policy of a page that is served, which may ask where it came from. */
export const livePolicy = (): string => policyOf(LIVE);

/** The page of a run that goes on, to be served. Its script puts what {@link liveContentOf} tells into it. */
export async function livePageOf(run: ShownRun): Promise<string> {
  const { title, body } = await contentOf(run);
  const page = html`<p class="live" id="live" role="status">Reload this page to see what has happened since.</p>
    <div id="page">${body}</div>
    ${footer('It asks nobody but the command that made it.')}`;
  return documentOf({ title, body: page, ...LIVE });
}

export async function liveContentOf(run: ShownRun): Promise<LiveContent> {
  const { title, body } = await contentOf(run);
  return { title, body: body.markup };
}

async function contentOf(given: ShownRun): Promise<Content> {
  const run = given.goesOn ? { ...given, recording: untilNow(given.recording) } : given;
  switch (run.command) {
    case 'deploy':
      return deployPage(run);
    case 'plan':
      // Imported late: the room of plans is large, and who publishes has not loaded it.
      return (await import('./plan-page.ts')).planPage(run);
    case 'publish':
      return publishPage(run);
    case 'diff':
      return diffPage(run);
    case 'dev':
      return devPage(run);
  }
}

function footer(sentence: string): Html {
  return html`<footer>Made by nx-cdk from what happened in this run. ${sentence}</footer>`;
}
