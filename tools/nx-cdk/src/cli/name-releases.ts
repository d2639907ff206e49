import { appendFileSync } from 'node:fs';
import { codeAsMarkdown } from '../plan/index.ts';
import { oneLine } from '../progress/index.ts';
import { parseReleases, shortRelease } from '../release/index.ts';
import type { CliCommand } from './commands.ts';
import { commitOf } from './comment.ts';

/** Characters of the line in short: it becomes a part of the name of a job, of which people see about a hundred. */
const LONGEST = 80;

/** Characters of a project's name in that line. */
const LONGEST_NAME = 30;

/** Says which releases are about to be deployed, for whoever approves it. */
export const nameReleasesCommand: CliCommand = {
  name: 'name-releases',
  summary: 'Show the releases of a list to whoever approves them, and print them in short.',
  details: [
    'It prints one line, infra 5c0d1f3a9b7e, quotes 91be7720c4d1 and 3 more, for the name of a job. All digits of all of',
    'them are in the log and, in GitHub Actions, in the summary of the job. Call it where no code of the apps runs, which',
    'could name other releases than it hands over.',
  ],
  options: {
    releases: { value: 'LIST', description: 'What nx-cdk hand-over printed.', required: true },
    commit: { value: 'SHA', description: 'The commit that they are of. Default: that of the job.' },
  },
  run: async ({ options, print, explain }) => {
    const releases = parseReleases(options['releases']!);
    const commit = commitOf(options);
    explain(commit === undefined ? 'Releases:' : `Releases of commit ${oneLine(commit)}:`);
    for (const [project, digest] of releases) explain(`  ${oneLine(project)} ${digest}`);
    const { GITHUB_STEP_SUMMARY: summary } = process.env;
    if (summary) appendFileSync(summary, releasesAsMarkdown(releases, commit));
    print(releasesInShort(releases));
  },
};

/**
 * A table of releases. Names of projects come from the job that ran the apps: they cannot break out of it, or mention
 * anybody.
 *
 * @param commit that they are of. @default - it is not named
 */
export function releasesAsMarkdown(releases: ReadonlyMap<string, string>, commit?: string): string {
  const of = commit === undefined ? '' : ` of commit ${codeAsMarkdown(commit)}`;
  const rows = [...releases].map(([project, digest]) =>
    [project, shortRelease(digest), digest].map(codeAsMarkdown).join(' | '),
  );
  return [
    `**Releases${of}**`,
    '',
    '| Project | Release | All digits |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
    '',
  ].join('\n');
}

/** As many releases as fit into a short line, and how many more there are; at least one. */
export function releasesInShort(releases: ReadonlyMap<string, string>): string {
  const [first, ...others] = [...releases].map(([project, digest]) => `${plain(project)} ${shortRelease(digest)}`);
  let line = first!;
  let shown = 1;
  for (const other of others) {
    if (line.length + other.length + 2 > LONGEST) break;
    line += `, ${other}`;
    shown += 1;
  }
  return shown === releases.size ? line : `${line} and ${releases.size - shown} more`;
}

/** A name of letters that look like nothing else: no space, by which it would seem to be two. */
function plain(project: string): string {
  const name = project.replaceAll(/[^\w@./-]/g, '_');
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 2)}..` : name;
}
