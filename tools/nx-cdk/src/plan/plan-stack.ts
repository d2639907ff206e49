import { hash } from 'node:crypto';
import {
  type Changes,
  type DeploymentMode,
  type DesiredStack,
  seenStack,
  type StackState,
} from '../cloudformation/index.ts';
import { compareOutputs, type OutputChanges } from '../deploy/index.ts';
import { Failure } from '../failure/index.ts';
import { assess } from './assess.ts';
import { basisOf } from './basis.ts';
import type { PlannedStack } from './model.ts';
import { NO_PERMISSIONS } from './permissions.ts';
import { secretsDigest } from './secrets.ts';
import { parseTemplate, type Template } from './template.ts';

/** What a deployment would do to a stack, as far as CloudFormation tells. */
export interface Outlook {
  readonly outcome: PlannedStack['outcome'];
  /** @default 'standard' */
  readonly mode?: DeploymentMode;
  /** Why it is not unchanged, such as `template differs`. */
  readonly notes: readonly string[];
  readonly changes: Changes;
  /** What termination protection is switched to; undefined if it stays. */
  readonly terminationProtection?: boolean;
  /** The template of a stack that is updated, as it was sent. */
  readonly deployedTemplate?: () => Promise<string>;
}

/** A stack as a plan holds it: what CloudFormation says, and what the templates say of data and permissions. */
export async function planStack(
  state: StackState,
  { outcome, mode, notes, changes, terminationProtection, deployedTemplate }: Outlook,
): Promise<PlannedStack> {
  const { resolved, digest: desired } = state.desired;
  const { account, region, stack } = resolved;
  const { id, stackName } = stack;
  const { stack: seen } = seenStack(state);
  const secrets = await secretsDigest(state.desired);
  const deploymentMode = mode === 'express' && { deploymentMode: mode };
  const known = { id, stackName, account, region, ...deploymentMode, desired, ...(secrets && { secrets }) };
  if (outcome === 'unchanged') {
    return { ...known, outcome, reasons: [], basis: basisOf(seen!), changes: [], permissions: NO_PERMISSIONS };
  }
  const text = await deployedTemplate?.();
  const after = parseTemplate(state.desired.template.text());
  if (after === undefined) {
    const parts = { what: 'its template is no JSON object', next: 'synthesize the app again' };
    throw new Failure('BrokenAssembly', { subject: id, ...parts });
  }
  const outputs = text === undefined ? undefined : outputsOf(parseTemplate(text), after);
  const basis = seen === undefined || seen.status === 'REVIEW_IN_PROGRESS' ? null : basisOf(seen);
  return {
    ...known,
    outcome,
    reasons: [...notes].sort(),
    basis: basis && text !== undefined ? { ...basis, template: hash('sha256', text) } : basis,
    ...(terminationProtection !== undefined && { terminationProtection }),
    ...(await assess(state, text, after, changes.resources)),
    ...(outputs && { outputs }),
    ...(changes.from === 'template' && after.Transform !== undefined && { transformed: true }),
  };
}

/** Values are known after the deployment; what is known before is which outputs say something else. */
function outputsOf(before: Template | undefined, after: Template): OutputChanges | undefined {
  // Of YAML that somebody deployed by hand, nothing is known.
  if (before === undefined) return undefined;
  const [olds, news] = [before, after].map(({ Outputs: outputs = {} }) =>
    Object.fromEntries(Object.entries(outputs).map(([key, output]) => [key, JSON.stringify(output)])),
  );
  return compareOutputs(olds!, news!);
}

/** What the creation of a stack would add, read from its template: a change set would leave an empty stack behind. */
export function creationChanges({ resolved, template }: DesiredStack): Changes {
  const { resources: origins } = resolved.stack;
  const resources = [...template.resources].map(([logicalId, resourceType]) => {
    const constructPath = origins.get(logicalId)?.constructPath;
    return { action: 'Add', logicalId, resourceType, ...(constructPath && { constructPath }) };
  });
  return { added: resources.length, modified: 0, removed: 0, replaced: 0, resources, from: 'template' };
}
