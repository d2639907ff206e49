/** Characters that a comment may have: GitHub takes 65,536, and a little is left for what stands around the text. */
const LONGEST = 64_000;

/**
 * A text as a block of code, with its last line ended. The fence is longer than any in the text: what is quoted must
 * not end it and speak in our name. What is too long is cut, and that is said.
 *
 * @param language for its colours. @default none
 * @param beside characters that the comment has besides, such as pictures
 */
export function fenced(text: string, language = '', beside = 0): string {
  const longest = LONGEST - beside;
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const [cut, note] =
    text.length > longest ? [text.slice(0, longest), '\nThe rest is in the log of the job.\n'] : [text, ''];
  return `${fence}${language}\n${cut}\n${fence}\n${note}`;
}
