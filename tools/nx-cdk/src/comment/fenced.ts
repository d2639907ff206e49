import { withoutColours, withUnseenShown } from '../progress/index.ts';

/** Characters that a comment may have: GitHub takes 65,536, and a little is left for what stands around the text. */
const LONGEST = 64_000;

/** Of a run of backticks, that many are shown. Two fences that are longer than it have to fit into a comment. */
const LONGEST_RUN = 20;

/**
 * A text as a block of code, with its last line ended. The fence is longer than any in the text: what is quoted must
 * not end it and speak in our name. What is too long is cut, and that is said. Nothing in it keeps a host from taking
 * the comment: then the one before would stay, and speak of another commit.
 *
 * @param language for its colours. @default none
 * @param beside characters that the comment has besides, such as pictures
 */
export function fenced(text: string, language = '', beside = 0): string {
  const longest = LONGEST - beside;
  const isLong = text.length > longest;
  const shown = withUnseenShown(withoutColours(text.slice(0, longest)))
    .replace(/`+/g, (run) => (run.length > LONGEST_RUN ? `${'`'.repeat(LONGEST_RUN)}…` : run))
    // Half of a pair is no text.
    .toWellFormed();
  const cut = shown.slice(0, longest).toWellFormed();
  const note = isLong || shown.length > longest ? '\nThe rest is in the log of the job.\n' : '';
  const runs = (cut.match(/`+/g) ?? []).map((run) => run.length);
  const fence = '`'.repeat(runs.reduce((most, length) => Math.max(most, length + 1), 3));
  return `${fence}${language}\n${cut}\n${fence}\n${note}`;
}
