import { formatTable } from '../progress/index.ts';
import type { Finding } from './finding.ts';

/**
 * Findings as people read them: a table of all, the worst first, then for each rule what it says in full and how to
 * mend it.
 *
 * @param width columns of the terminal. @default - no limit: in a log, a path is worth nothing if it is cut
 */
export function findingsAsText(findings: readonly Finding[], width = Number.POSITIVE_INFINITY): string {
  const rows = findings.map((finding) => ({
    severity: finding.severity,
    rule: finding.rule,
    where: finding.constructPath ?? [finding.stack, finding.logicalId].filter(Boolean).join(' '),
    source: finding.source,
    what: finding.what,
  }));
  const columns = [
    { key: 'severity', whole: true },
    { key: 'rule', whole: true },
    { key: 'where', whole: true },
    'source',
    'what',
  ];
  const table = formatTable(rows, columns, { width });
  const rules = Map.groupBy(findings, ({ by, rule, what, mend }) => JSON.stringify([by, rule, what, mend]));
  const words = [...rules.values()].map(([first]) => {
    const { by, rule, what, mend } = first!;
    return `${rule} (${by}): ${what}${mend === undefined ? '' : `\n  ${mend}`}`;
  });
  return [table, '', ...words].join('\n');
}
