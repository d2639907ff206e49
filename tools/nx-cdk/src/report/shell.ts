import { type Document, documentOf } from './document.ts';
import { name } from './format.ts';
import { html, type Html, type Part } from './html.ts';
import { outcomeBadge } from './outcome.ts';

/** A part of a page with a heading, which the list of sections leads to. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Part;
}

/** A term and what it is, for the head of a page. */
export type Fact = readonly [term: string, value: Part];

/** A page without what all pages have. */
export interface Content {
  /** Of the window. */
  readonly title: string;
  readonly body: Html;
}

/** What a page shows. */
export interface Shown {
  readonly title: string;
  /** In one word. @default - it is about nothing that ends */
  readonly outcome?: string;
  readonly facts: readonly Fact[];
  /** In their order. */
  readonly sections: readonly Section[];
}

/** A page that is about no run. @param footer a sentence: what it was made from */
export function pageWith(shown: Shown & { readonly footer: string } & Pick<Document, 'scripts' | 'styles'>): string {
  const { footer, scripts, styles } = shown;
  const { title, body } = contentWith(shown);
  const whole = html`${body}
    <footer>Made by nx-cdk from ${footer}. It loads nothing and sends nothing.</footer>`;
  return documentOf({ title, body: whole, ...(scripts && { scripts }), ...(styles && { styles }) });
}

/** The head of a page, then its sections. */
export function contentWith({ title, outcome, facts, sections }: Shown): Content {
  const badge = outcome !== undefined && outcomeBadge(outcome);
  const body = html`<header class="top">
      <h1><span>${name(title)}</span> ${badge}</h1>
      <dl class="facts">
        ${facts.map(
          ([term, value]) =>
            html`<div>
              <dt>${term}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
      ${sections.length > 1 && contentsOf(sections)}
    </header>
    <main>
      ${sections.map(({ id, title: heading, body: part }) => {
        const labelled = `${id}-title`;
        return html`<section id="${id}" aria-labelledby="${labelled}">
          <h2 id="${labelled}">${heading}</h2>
          ${part}
        </section> `;
      })}
    </main>`;
  return { title: outcome === undefined ? title : `${title}: ${outcome}`, body };
}

function contentsOf(sections: readonly Section[]): Html {
  const links = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  return html`<nav class="sections" aria-label="Sections">
    <ul>
      ${links}
    </ul>
  </nav>`;
}
