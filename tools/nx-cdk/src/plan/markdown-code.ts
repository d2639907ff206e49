import { shortened } from './wording.ts';

/** Characters of one name or line: what is longer is cut. */
export const LONGEST_NAME = 300;

/**
 * A name as code, in which GitHub and GitLab see no mentions, issues, commits or formats. What means something to
 * Markdown or HTML is written as a character reference, which works in table cells and summaries, too.
 */
export function code(name: string): string {
  const text = shortened(name, LONGEST_NAME)
    .replace(/[^A-Za-z0-9 /:.,;=+-]/g, (char) => (char.codePointAt(0)! < 128 ? `&#${char.codePointAt(0)};` : char))
    // What looks like an address would become a link.
    .replaceAll('://', '&#58;//')
    .replaceAll('www.', 'www&#46;');
  return `<code>${text}</code>`;
}
