/** Begins every comment of ours; nobody sees it. */
export const MARKER = '<!-- nx-cdk diff -->';

/** Characters that a comment may have: GitHub takes 65,536, and a little is left for what stands around the text. */
const LONGEST = 64_000;

/** What `nx diff` itself says; around it, npm and Nx say what is of no use to a reviewer. */
const OF_DIFF = /^( {4}|[~=✖✔?-] .* · |error: |warning: |diff: )/;

/** How Nx says that a change affects no project. */
const NOTHING = 'No tasks were run';

/**
 * A comment that shows what a deployment would change.
 *
 * @param text what `nx affected -t diff` wrote
 */
export function diffComment(text: string, commit: string | undefined): string {
  const of = commit ? ` of ${commit.slice(0, 8)}` : '';
  const lines = text.split('\n').filter((line) => OF_DIFF.test(line));
  if (lines.length === 0 && text.includes(NOTHING)) return `${MARKER}\n**A deployment${of} would change no stack.**\n`;
  // Where it says nothing, something went wrong before it: then all that was written may help.
  const shown = lines.length === 0 ? text.trim() : lines.join('\n');
  // A fence longer than any in the text: a property must not end it and speak in our name.
  const fence = '`'.repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const [cut, note] =
    shown.length > LONGEST ? [shown.slice(0, LONGEST), '\nThe rest is in the log of the job.\n'] : [shown, ''];
  return `${MARKER}\n**What a deployment${of} would change**\n\n${fence}diff\n${cut}\n${fence}\n${note}`;
}
