import { targetName } from '@nx-cdk/environments';
import { explain, type EngineDependencies } from '../aws/index.ts';
import { Run, count, failedItem } from '../progress/index.ts';
import { type AdminAccess, AdminAccesses } from './admin-access.ts';
import { changeOf, isOtherVariant } from './change.ts';
import { deleteRemains, makeAnew, refuseLostRoles, repairsOf, rollBack, templatesToDeploy } from './heal.ts';
import { findParts, type FoundParts } from './parts.ts';
import type {
  BootstrapOutcome,
  BootstrapReport,
  BootstrapRequest,
  BootstrapTarget,
  BootstrapTargetReport,
} from './request.ts';
import {
  deployedTemplate,
  type InstalledTemplate,
  readInstalledTemplate,
  type TemplateToDeploy,
  templateToDeploy,
} from './template.ts';
import { findToolkitStack, type ToolkitStack } from './toolkit-stack.ts';
import { findTrustDrift, mayRestore, type TrustDrift, warningOf } from './trust.ts';

type Ending = Partial<BootstrapTargetReport> & { readonly outcome: BootstrapOutcome; readonly detail?: string };

/**
 * Bootstraps accounts and regions, all at the same time. Each is looked at first: the stack, and what it has made; if
 * all of it is as it should be, nothing more happens. If one target fails, the report says so and the others go on.
 *
 * @throws Failure if the caller's credentials cannot be used at all
 */
export async function bootstrap(
  request: BootstrapRequest,
  { aws, listener, signal }: EngineDependencies,
): Promise<BootstrapReport> {
  const startedAt = performance.now();
  const { targets, dryRun, concurrency = 10 } = request;
  const accesses = new AdminAccesses(aws, listener);
  await accesses.requireCaller(targets);
  const template = readInstalledTemplate();
  const accounts = new Set(targets.map(({ account }) => account));
  const run = new Run({
    listener,
    signal,
    startedAt,
    action: dryRun ? 'bootstrap (dry run)' : 'bootstrap',
    items: targets.length,
    noun: 'target',
    subject: `${count(targets.length, 'target')} in ${count(accounts.size, 'account')}`,
  });
  const byName = Map.groupBy(targets, targetName);
  const itemOf = (target: BootstrapTarget) => {
    const where = targetName(target);
    // Several qualifiers have a bootstrap each.
    const id = byName.get(where)!.length > 1 ? `${where} ${target.qualifier}` : where;
    return { id, label: target.label, where };
  };
  const ended = await run.each(targets, concurrency, itemOf, (target): Promise<Ending> => {
    const { id } = itemOf(target);
    const bootstrapped = bootstrapTarget(id, target, request, template, accesses, { aws, listener });
    return bootstrapped.catch((error: unknown) => failedItem(explain(error)));
  });
  accesses.destroy();
  const reports = ended.map(({ detail: _, ...ending }, index): BootstrapTargetReport => {
    const { label, account, region } = targets[index]!;
    return { label, account, region, differences: [], ...ending };
  });
  return { ...run.finish(), targets: reports };
}

async function bootstrapTarget(
  id: string,
  target: BootstrapTarget,
  request: BootstrapRequest,
  template: InstalledTemplate | undefined,
  accesses: AdminAccesses,
  { aws, listener }: EngineDependencies,
): Promise<Ending> {
  const place = targetName(target);
  const warn = (text: string) => listener({ type: 'message', level: 'warning', id, text });
  const access = await accesses.open(target);
  const stack = await findToolkitStack(access.cloudFormation, target.qualifier, request.toolkitStackName);
  const parts = await findParts(target, stack, access);
  refuseLostRoles(target, stack, parts);
  const trust = await lookAtTrust(target, request, stack, parts, template, access);
  const repairs = [...repairsOf(parts), ...trust.restored.map(({ name }) => `the trust of ${name} is restored`)];

  let change = changeOf(target, request, stack, template, { repairs });
  let toDeploy: TemplateToDeploy | undefined;
  if (change.action !== 'nothing') {
    toDeploy = await templateToDeploy(change, template, access.cloudFormation);
    if (toDeploy.missing !== undefined) {
      // Better to hear it now than from the first deployment.
      warn(
        `The deploy role of ${place} cannot be given the permission to read image digests, because the bootstrap template has no ${toDeploy.missing} where that is looked for: deployments with container images will be refused there until the role may ecr:DescribeImages on the repository of container assets.`,
      );
      change = changeOf(target, request, stack, template, { canReadImages: false, repairs });
    }
  }
  const { toolkitStackName, differences, removedTrust } = change;
  if (removedTrust.length > 0) {
    // It can stop somebody else's pipeline, so it is always said.
    const verb = request.dryRun ? 'would lose' : 'loses';
    warn(
      `${removedTrust.join(', ')} ${verb} the trust of ${place}, because nothing names it as trusted there; --keepTrust keeps it.`,
    );
  }
  trust.warnings.forEach(warn);
  const facts = { toolkitStackName, differences };
  if (toDeploy === undefined || change.action === 'nothing') {
    return { ...facts, outcome: 'unchanged', detail: `version ${stack.found?.version}` };
  }
  const detail = differences.join(', ');
  if (request.dryRun) {
    return { ...facts, outcome: 'planned', detail: `would ${change.action} it: ${detail || 'forced'}` };
  }
  await clearTheWay(target, stack, access);
  await makeAnew(parts.lost, stack.found?.version ?? 0, access);
  const renewal = { ...parts, trust: trust.restored.map(({ logicalId }) => logicalId) };
  const { applyChange } = await import('./apply.ts');
  const texts = templatesToDeploy(toDeploy.text, renewal);
  const changed = await applyChange({ ...target, id }, request, change, texts, access, { aws, listener });
  if (!changed && parts.lost.length === 0) return { ...facts, outcome: 'unchanged' };
  return { ...facts, outcome: change.action === 'create' ? 'created' : 'updated', detail };
}

/** Leads a stack out of a status in which it can be neither created nor updated. */
async function clearTheWay(target: BootstrapTarget, { name, found, remains }: ToolkitStack, access: AdminAccess) {
  if (remains !== undefined) await deleteRemains(target, name, access);
  if (found?.status === 'UPDATE_FAILED' || found?.status === 'UPDATE_ROLLBACK_FAILED') {
    await rollBack(target, name, found.status, access);
  }
}

/** What was changed by hand in the trust of the roles, what to say of it, and what will be restored. */
async function lookAtTrust(
  target: BootstrapTarget,
  request: BootstrapRequest,
  { name, found }: ToolkitStack,
  { roles }: FoundParts,
  template: InstalledTemplate | undefined,
  { cloudFormation }: AdminAccess,
) {
  if (found === undefined) return { restored: [], warnings: [] };
  const isOwn = !isOtherVariant(found, template);
  let asked: Promise<string> | undefined;
  const drifts = await findTrustDrift(target, found, roles, isOwn, () => {
    return (asked ??= deployedTemplate(name, cloudFormation));
  });
  const isRestored = (drift: TrustDrift) => mayRestore(request, target, isOwn, drift);
  const warnings = drifts.map((drift) => {
    const restored = request.dryRun ? 'It would be restored.' : 'It is restored.';
    const kept = isOwn
      ? 'It stays, because the trust there is to be kept.'
      : 'It stays, because the template is not of CDK: correct the role, or the template.';
    const fate = isRestored(drift) ? `${restored}${drift.added.length > 0 ? ' --keepTrust keeps it.' : ''}` : kept;
    return warningOf(target, drift, fate);
  });
  return { restored: drifts.filter(isRestored), warnings };
}
