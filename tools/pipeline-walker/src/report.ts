import { formatTable } from 'nx-cdk/progress';
import type { ActionReport } from './request.ts';

/** The actions as a table, one a line; what could not be tried below it. */
export function tableOf(actions: readonly ActionReport[], notes: readonly string[], width?: number): string {
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
  const table = formatTable(rows, columns, width === undefined ? {} : { width });
  return [table, ...notes.map((note) => `note: ${note}`)].join('\n');
}

/** One sentence on what the walk failed with: stage, action, role, and what was refused. */
export function sentenceOf({ stage, action, role, message, denied }: ActionReport): string {
  const who = role === '' ? '' : `, role ${role}`;
  const reason = message ?? 'it failed.';
  const missing =
    denied === undefined
      ? ''
      : ` Allow ${denied.action}${denied.resource === undefined ? '' : ` on ${denied.resource}`} to ${denied.role ?? role}, and rehearse again.`;
  return `The pipeline fails at the action ${action} of the stage ${stage}${who}: ${reason}${missing}`;
}

/** `5 actions: 3 passed, 1 failed, 1 not run` */
export function summaryOf(actions: readonly ActionReport[]): string {
  const parts = (['passed', 'failed', 'not run'] as const)
    .map((outcome) => [outcome, actions.filter((one) => one.outcome === outcome).length] as const)
    .filter(([, number]) => number > 0)
    .map(([outcome, number]) => `${number} ${outcome}`);
  return `${actions.length} ${actions.length === 1 ? 'action' : 'actions'}: ${parts.join(', ')}`;
}
