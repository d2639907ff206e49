import type { Answer } from './deployed-api.ts';

/** What `up` reads of the report of a deployment. */
export interface DeployReport {
  readonly stacks: readonly DeployedStack[];
}

export interface DeployedStack {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly outcome: string;
  readonly changes: { readonly added: number; readonly modified: number; readonly removed: number };
  readonly seconds: number;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A stack, and what its API said. */
export interface Row extends DeployedStack {
  readonly url?: string;
  readonly answer?: Answer;
}

/** The table of all stacks. The columns of APIs are left out if no stack has one. */
export async function stackTable(rows: readonly Row[]): Promise<string> {
  // Imported late: only `up` needs the plugin.
  const { formatTable } = await import('nx-cdk/progress');
  const hasApi = rows.some(({ url }) => url !== undefined);
  return formatTable(
    rows.map(({ id, account, region, outcome, changes, seconds, url, answer }) => ({
      stack: id,
      where: `${account}/${region}`,
      changed: describe(outcome, changes),
      seconds: seconds.toFixed(1),
      url: url ?? '',
      answer: answer?.text ?? '',
    })),
    [
      { key: 'stack', title: 'Stack' },
      { key: 'where', title: 'Account/Region', whole: true },
      { key: 'changed', title: 'Changed' },
      { key: 'seconds', title: 'Seconds', align: 'right' },
      ...(hasApi
        ? ([
            { key: 'url', title: 'URL', whole: true },
            { key: 'answer', title: 'Answer' },
          ] as const)
        : []),
    ],
  );
}

function describe(outcome: string, { added, modified, removed }: DeployedStack['changes']): string {
  const parts = [
    added > 0 && `${added} added`,
    modified > 0 && `${modified} modified`,
    removed > 0 && `${removed} removed`,
  ].filter(Boolean);
  return parts.length === 0 ? outcome : `${outcome}: ${parts.join(', ')}`;
}
