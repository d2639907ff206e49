/** Begins every comment of ours; nobody sees it. */
export const MARKER = '<!-- nx-cdk diff -->';

/** Characters that a comment may have: GitHub takes 65,536, and a little is left for what stands around the text. */
const LONGEST = 64_000;

/** A comment that shows what a deployment would change. */
export function diffComment(text: string, commit: string | undefined): string {
  const of = commit ? ` of ${commit.slice(0, 8)}` : '';
  const shown = text.trim();
  if (shown === '') return `${MARKER}\n**A deployment${of} would change no stack.**\n`;
  // A fence longer than any in the text: a property must not end it and speak in our name.
  const fence = '`'.repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const [cut, note] =
    shown.length > LONGEST ? [shown.slice(0, LONGEST), '\nThe rest is in the log of the job.\n'] : [shown, ''];
  return `${MARKER}\n**What a deployment${of} would change**\n\n${fence}diff\n${cut}\n${fence}\n${note}`;
}
