import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Html, html, type Part } from './html.ts';

/** A page. */
export interface Document {
  /** Of the tab or window. */
  readonly title: string;
  /** What stands in `<body>`. */
  readonly body: Part;
  /**
   * What its script may connect to: a source of the directive `connect-src`, such as `'self'`. @default - nothing
   */
  readonly connects?: "'self'";
  /** Scripts besides the one that all pages have: names of files of this folder, or absolute paths. @default none */
  readonly scripts?: readonly string[];
  /** Style sheets besides those that all pages have, in the same way. @default none */
  readonly styles?: readonly string[];
}

/**
 * A whole page. It holds its style and its scripts, and a policy by which a browser takes no others, loads nothing and
 * sends nothing: https://www.w3.org/TR/CSP3/. So there are no `style` and no `on...` attributes in a page.
 */
export function documentOf(document: Document): string {
  const { title, body } = document;
  const { style, codes, policy } = partsOf(document);
  // To the byte what was hashed.
  const elements = [`<style>${style}</style>`, ...codes.map((code) => `<script type="module">${code}</script>`)].map(
    (element) => new Html([element]),
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${elements}
      </head>
      <body>
        ${body}
      </body>
    </html> `.markup;
}

/** The policy of a page, for the header of one that is served. */
export function policyOf(document: Pick<Document, 'connects' | 'scripts' | 'styles'>): string {
  return partsOf(document).policy;
}

function partsOf({ connects, scripts = [], styles = [] }: Pick<Document, 'connects' | 'scripts' | 'styles'>) {
  const style = ['page.css', 'chart.css', ...styles].map(fileOf).join('\n');
  const codes = ['in-browser.js', ...scripts].map(fileOf);
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${codes.map(hashOf).join(' ')}`,
    ...(connects === undefined ? [] : [`connect-src ${connects}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return { style, codes, policy };
}

const files = new Map<string, string>();

/**
 * A file of this folder, or of another room. Modules of the package are compiled; these are copied, or compiled to
 * themselves.
 */
function fileOf(name: string): string {
  const text = files.get(name) ?? readFileSync(resolve(import.meta.dirname, name), 'utf8');
  files.set(name, text);
  return text;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
