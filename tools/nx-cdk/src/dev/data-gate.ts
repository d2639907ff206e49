import type { ChangeSet, DeployGate, ResourceChange, StackState } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { dataFate, parseTemplate } from '../plan/index.ts';
import type { DevRequest } from './contract.ts';

/** Asks about each change set that would delete or replace what holds data. Nothing else is asked. */
export function dataGate(ask: DevRequest['ask']): DeployGate {
  // One question at a time: change sets are ready in any order.
  let before: Promise<unknown> = Promise.resolve();
  return {
    admit: (state, changeSet) => {
      const admitted = before.then(() => admit(state, changeSet, ask));
      before = admitted.catch(() => undefined);
      return admitted;
    },
    // They were published a moment ago.
    hasVerified: () => true,
  };
}

async function admit(state: StackState, { changes }: ChangeSet, ask: DevRequest['ask']): Promise<void> {
  const { cloudFormation, desired, current } = state;
  const { id: subject } = desired.resolved.stack;
  const suspects = changes.resources.filter(({ action, replacement }) => action === 'Remove' || replacement);
  if (suspects.length === 0) return;
  const deployed = current && parseTemplate(await cloudFormation.originalTemplate(current.id));
  const wanted = parseTemplate(desired.template.text());
  const lost = suspects.flatMap((change) => {
    const fate = dataFate(change, deployed, wanted);
    return fate === undefined || fate === 'kept' ? [] : [lineOf(change, fate)];
  });
  if (lost.length === 0) return;
  const answer = await ask(`Go on with ${subject}?`, [`${subject}:`, ...lost.map((line) => `  ${line}`)]);
  if (answer === true) return;
  const what = `${lost.length === 1 ? lost[0]! : `${lost[0]!}, and ${lost.length - 1} more`}`;
  const next =
    answer === undefined
      ? 'there is no terminal to ask on: undo the edit, or deploy it by hand (nx deploy)'
      : 'the answer was no: undo the edit, or save again to be asked again';
  throw new Failure('NotApproved', { subject, what, next });
}

function lineOf({ action, logicalId, constructPath = logicalId, resourceType }: ResourceChange, fate: string): string {
  const fates = action === 'Remove' ? 'would be deleted' : 'would be replaced';
  const data = fate === 'snapshot' ? 'of its data, a snapshot stays' : 'its data is lost';
  return `${resourceType} ${constructPath} ${fates}: ${data}`;
}
