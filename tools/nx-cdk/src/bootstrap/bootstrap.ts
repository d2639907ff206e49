import { targetName } from '@libs/environments';
import { type AwsClients, explain } from '../aws/index.ts';
import { type Listener, Run, count, failedItem } from '../progress/index.ts';
import { AdminAccesses } from './admin-access.ts';
import { type BootstrapChange, changeOf } from './change.ts';
import type {
  BootstrapOutcome,
  BootstrapReport,
  BootstrapRequest,
  BootstrapTarget,
  BootstrapTargetReport,
} from './request.ts';
import { type TemplateToDeploy, templateToDeploy } from './template-to-deploy.ts';
import { type InstalledTemplate, readInstalledTemplate } from './template-version.ts';
import { findToolkitStack } from './toolkit-stack.ts';

/** What a bootstrap run works with. */
export interface BootstrapDependencies {
  readonly aws: AwsClients;
  readonly listener: Listener;
  /** When it fires, no further target starts; running ones are followed to their end. */
  readonly signal?: AbortSignal;
}

type Ending = Partial<BootstrapTargetReport> & { readonly outcome: BootstrapOutcome; readonly detail?: string };

/**
 * Bootstraps accounts and regions, all at the same time. Each is looked at first, with one request; if version and
 * parameters are what they should be, nothing more happens. What goes wrong with one target is in the report, not
 * thrown: the others go on.
 *
 * @throws Failure if the caller's credentials are of no use at all
 */
export async function bootstrap(
  request: BootstrapRequest,
  { aws, listener, signal }: BootstrapDependencies,
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
  const itemOf = (target: BootstrapTarget) => ({
    id: targetName(target),
    label: target.label,
    where: targetName(target),
  });
  const ended = await run.each(targets, concurrency, itemOf, (target): Promise<Ending> =>
    bootstrapTarget(target, request, template, { aws, accesses, listener }).catch((error: unknown) =>
      failedItem(explain(error)),
    ),
  );
  accesses.destroy();
  const reports = ended.map(({ detail: _, ...ending }, index): BootstrapTargetReport => {
    const { label, account, region } = targets[index]!;
    return { label, account, region, differences: [], ...ending };
  });
  return { ...run.finish(), targets: reports };
}

interface TargetDependencies {
  readonly aws: AwsClients;
  readonly accesses: AdminAccesses;
  readonly listener: Listener;
}

async function bootstrapTarget(
  target: BootstrapTarget,
  request: BootstrapRequest,
  template: InstalledTemplate | undefined,
  { aws, accesses, listener }: TargetDependencies,
): Promise<Ending> {
  const id = targetName(target);
  const warn = (text: string) => listener({ type: 'message', level: 'warning', id, text });
  const access = await accesses.open(target);
  const stack = await findToolkitStack(access.cloudFormation, request.qualifier, request.toolkitStackName);
  let change = changeOf(target, request, stack, template);
  let toDeploy: TemplateToDeploy | undefined;
  if (change.action !== 'nothing') {
    toDeploy = await templateToDeploy(change, template, access.cloudFormation);
    if (toDeploy.missing !== undefined) {
      warn(hiddenImages(toDeploy.missing, id));
      change = changeOf(target, request, stack, template, { canReadImages: false });
    }
  }
  if (change.removedTrust.length > 0) warn(removedTrust(change, id, request));
  const facts = { toolkitStackName: change.toolkitStackName, differences: change.differences };
  if (toDeploy === undefined || change.action === 'nothing') {
    return { ...facts, outcome: 'unchanged', detail: `version ${stack.found?.version}` };
  }
  const detail = change.differences.join(', ');
  if (request.dryRun) {
    return { ...facts, outcome: 'planned', detail: `would ${change.action} it: ${detail || 'forced'}` };
  }
  const { applyChange } = await import('./apply.ts');
  const changed = await applyChange(target, request, change, toDeploy, { aws, access, id, listener });
  if (!changed) return { ...facts, outcome: 'unchanged' };
  return { ...facts, outcome: change.action === 'create' ? 'created' : 'updated', detail };
}

/** Taking trust away can stop somebody else's pipeline: never without a word. */
function removedTrust(
  { removedTrust: removed }: BootstrapChange,
  target: string,
  { dryRun }: BootstrapRequest,
): string {
  const verb = dryRun ? 'would lose' : 'loses';
  return `${removed.join(', ')} ${verb} the trust of ${target}, because nothing names it as trusted there; --keepTrust keeps it.`;
}

/** Nobody who verifies images can deploy any there: better to learn of it here than from the first deployment. */
function hiddenImages(missing: string, target: string): string {
  return `The deploy role of ${target} cannot be given the permission to read image digests, because the bootstrap template has no ${missing} where that is looked for: deployments with container images will be refused there until the role may ecr:DescribeImages on the repository of container assets.`;
}
