import type { Denial } from 'nx-cdk/failure';
import { formatTable } from 'nx-cdk/progress';

/** How an action ended. */
export interface ActionReport {
  readonly stage: string;
  readonly action: string;
  /** `CodeBuild`, `Manual`, ... */
  readonly provider: string;
  /** Name of the role that was used last; empty if none was. */
  readonly role: string;
  readonly seconds: number;
  readonly outcome: 'passed' | 'failed' | 'not run';
  /** One sentence, if it failed. */
  readonly message?: string;
  /** The permission that was missing, if that was the reason. */
  readonly denied?: Denial;
}

/** How a walk ended. Plain data. */
export interface WalkReport {
  readonly success: boolean;
  readonly interrupted: boolean;
  readonly pipeline: string;
  readonly account: string;
  readonly region: string;
  /** Full name of the commit that was walked. */
  readonly commit: string;
  readonly milliseconds: number;
  /** In the order of the pipeline. */
  readonly actions: readonly ActionReport[];
  /** How the pipeline changed itself during the walk. */
  readonly changes: readonly string[];
  /** What could not be tried, or went wrong without failing anything. */
  readonly notes: readonly string[];
}

/** The actions as a table, one on each line, with the notes below it. */
export function tableOf(actions: readonly ActionReport[], notes: readonly string[]): string {
  const rows = actions.map(({ stage, action, role, seconds, outcome, denied }) => ({
    stage,
    action,
    role,
    seconds: outcome === 'not run' ? '' : seconds.toFixed(1),
    result: denied === undefined ? outcome : `${outcome}: may not ${denied.action}`,
  }));
  const columns = [
    'stage',
    'action',
    'role',
    { key: 'seconds', align: 'right' as const },
    { key: 'result', whole: true },
  ];
  const table = formatTable(rows, columns);
  return [table, ...notes.map((note) => `note: ${note}`)].join('\n');
}

/** One sentence on the failure of a walk: stage, action, role, and the missing permission. */
export function sentenceOf({ stage, action, role, message, denied }: ActionReport): string {
  const who = role === '' ? '' : `, role ${role}`;
  const happened = `The pipeline fails at the action ${action} of the stage ${stage}${who}: ${message ?? 'it failed.'}`;
  if (denied === undefined) return happened;
  const on = denied.resource === undefined ? '' : ` on ${denied.resource}`;
  return `${happened} Allow ${denied.action}${on} to ${denied.role ?? role}, and rehearse again.`;
}

/** `5 actions: 3 passed, 1 failed, 1 not run` */
export function summaryOf(actions: readonly ActionReport[]): string {
  const parts = (['passed', 'failed', 'not run'] as const)
    .map((outcome) => [outcome, actions.filter((one) => one.outcome === outcome).length] as const)
    .filter(([, number]) => number > 0)
    .map(([outcome, number]) => `${number} ${outcome}`);
  return `${actions.length} ${actions.length === 1 ? 'action' : 'actions'}: ${parts.join(', ')}`;
}
