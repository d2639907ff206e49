import type { ConnectedAwsClients } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { AdminAccesses } from './admin-access.ts';
import { type BootstrapPlan, planTarget } from './plan.ts';
import type {
  BootstrapOutcome,
  BootstrapReport,
  BootstrapRequest,
  BootstrapTarget,
  BootstrapTargetReport,
} from './request.ts';
import { type TemplateToDeploy, templateToDeploy } from './template-to-deploy.ts';
import { readInstalledTemplate } from './template-version.ts';
import { findToolkitStack } from './toolkit-stack.ts';

/** What a bootstrap run works with. */
export interface BootstrapDependencies {
  readonly aws: ConnectedAwsClients;
  readonly listener: Listener;
  /** When it fires, no further target starts; running ones are followed to their end. */
  readonly signal?: AbortSignal;
}

type Ending = Partial<BootstrapTargetReport> & { readonly outcome: BootstrapOutcome; readonly detail?: string };

/**
 * Bootstraps accounts and regions, all at the same time. Each is looked at first, with one request; where version and
 * parameters are what they should be, nothing more happens. What goes wrong with one target is in the report, not
 * thrown: the others go on.
 *
 * @throws Failure where the caller's credentials are of no use at all
 */
export async function bootstrap(
  request: BootstrapRequest,
  { aws, listener, signal }: BootstrapDependencies,
): Promise<BootstrapReport> {
  const started = performance.now();
  const { default: pLimit } = await import('p-limit');
  const limit = pLimit(Math.max(1, request.concurrency ?? 10));
  const accesses = new AdminAccesses(aws, listener);
  await accesses.requireCaller(request.targets);
  const template = readInstalledTemplate();
  const accounts = new Set(request.targets.map(({ account }) => account));
  listener({
    type: 'run-started',
    action: request.dryRun ? 'bootstrap (dry run)' : 'bootstrap',
    items: request.targets.length,
    subject: `${count(request.targets.length, 'target')} in ${count(accounts.size, 'account')}`,
  });

  const work = async (target: BootstrapTarget): Promise<Ending> => {
    if (signal?.aborted) return { outcome: 'skipped', detail: 'interrupted before it started' };
    const id = idOf(target);
    const access = await accesses.open(target);
    const stack = await findToolkitStack(access.cloudFormation, request.qualifier, request.toolkitStackName);
    let plan = planTarget(target, request, stack, template);
    let toDeploy: TemplateToDeploy | undefined;
    if (plan.action !== 'nothing') {
      toDeploy = await templateToDeploy(plan, template, access.cloudFormation);
      if (toDeploy.missing !== undefined) {
        warnOfHiddenImages(toDeploy.missing, target, listener);
        plan = planTarget(target, request, stack, template, { canReadImages: false });
      }
    }
    const facts = { toolkitStackName: plan.toolkitStackName, differences: plan.differences };
    const detail = plan.differences.join(', ');
    warnOfRemovedTrust(plan, target, request, listener);
    if (toDeploy === undefined || plan.action === 'nothing') {
      return { ...facts, outcome: 'unchanged', detail: `version ${stack.found?.version}` };
    }
    if (request.dryRun)
      return { ...facts, outcome: 'planned', detail: `would ${plan.action} it: ${detail || 'forced'}` };
    const { applyPlan } = await import('./apply.ts');
    const changed = await applyPlan(target, request, plan, toDeploy, { aws, access, id, listener });
    if (!changed) return { ...facts, outcome: 'unchanged' };
    return { ...facts, outcome: plan.action === 'create' ? 'created' : 'updated', detail };
  };

  const reports = await Promise.all(
    request.targets.map((target) =>
      limit(async (): Promise<BootstrapTargetReport> => {
        const began = performance.now();
        const id = idOf(target);
        const { label, account, region } = target;
        listener({ type: 'item-started', id, label, where: `${account}/${region}` });
        const { detail, ...ending }: Ending = await work(target).catch((error: unknown) => failed(error));
        const milliseconds = performance.now() - began;
        listener({
          type: 'item-finished',
          id,
          outcome: ending.outcome,
          detail: ending.failure?.message ?? detail,
          milliseconds,
        });
        return { label, account, region, differences: [], seconds: milliseconds / 1000, ...ending };
      }),
    ),
  );
  accesses.destroy();

  const success = reports.every(({ outcome }) => outcome !== 'failed' && outcome !== 'skipped');
  const milliseconds = performance.now() - started;
  listener({ type: 'run-finished', success, summary: summarize(reports), milliseconds });
  return { success, interrupted: signal?.aborted ?? false, milliseconds, targets: reports };
}

/** Taking trust away can stop somebody else's pipeline: never without a word. */
function warnOfRemovedTrust(
  { removedTrust }: BootstrapPlan,
  target: BootstrapTarget,
  request: BootstrapRequest,
  listener: Listener,
): void {
  if (removedTrust.length === 0) return;
  const verb = request.dryRun ? 'would lose' : 'loses';
  listener({
    type: 'message',
    level: 'warning',
    id: idOf(target),
    text: `${removedTrust.join(', ')} ${verb} the trust of ${target.account}/${target.region}, because nothing names it as trusted there; --keepTrust keeps it.`,
  });
}

/** Whoever verifies images deploys none there: better to learn of it here than from the first deployment. */
function warnOfHiddenImages(missing: string, target: BootstrapTarget, listener: Listener): void {
  listener({
    type: 'message',
    level: 'warning',
    id: idOf(target),
    text: `The deploy role of ${idOf(target)} cannot be given the permission to read image digests, because the bootstrap template has no ${missing} where that is looked for: deployments with container images will be refused there until the role may ecr:DescribeImages on the repository of container assets.`,
  });
}

async function failed(error: unknown): Promise<Ending> {
  const { explain } = await import('../aws/index.ts');
  const { code, message } = error instanceof Failure ? error : explain(error);
  return { outcome: 'failed', failure: { code, message } };
}

function idOf({ account, region }: BootstrapTarget): string {
  return `${account}/${region}`;
}

function summarize(reports: readonly BootstrapTargetReport[]): string {
  const groups = Map.groupBy(reports, ({ outcome }) => outcome);
  const parts = [...groups].map(([outcome, group]) => `${group.length} ${outcome}`);
  return `${count(reports.length, 'target')}: ${parts.join(', ')}`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
