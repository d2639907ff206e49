import { targetName } from '@libs/environments';
import { explain, type EngineDependencies } from '../aws/index.ts';
import { Run, count, failedItem } from '../progress/index.ts';
import { AdminAccesses } from './admin-access.ts';
import { changeOf } from './change.ts';
import type {
  BootstrapOutcome,
  BootstrapReport,
  BootstrapRequest,
  BootstrapTarget,
  BootstrapTargetReport,
} from './request.ts';
import { type InstalledTemplate, readInstalledTemplate, type TemplateToDeploy, templateToDeploy } from './template.ts';
import { findToolkitStack } from './toolkit-stack.ts';

type Ending = Partial<BootstrapTargetReport> & { readonly outcome: BootstrapOutcome; readonly detail?: string };

/**
 * Bootstraps accounts and regions, all at the same time. Each is looked at first, with one request; if version and
 * parameters are as they should be, nothing more happens. If one target fails, the report says so and the others go on.
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
  const itemOf = (target: BootstrapTarget) => {
    const id = targetName(target);
    return { id, label: target.label, where: id };
  };
  const ended = await run.each(targets, concurrency, itemOf, (target): Promise<Ending> =>
    bootstrapTarget(target, request, template, accesses, { aws, listener }).catch((error: unknown) =>
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

async function bootstrapTarget(
  target: BootstrapTarget,
  request: BootstrapRequest,
  template: InstalledTemplate | undefined,
  accesses: AdminAccesses,
  { aws, listener }: EngineDependencies,
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
      // Better to hear it now than from the first deployment.
      warn(
        `The deploy role of ${id} cannot be given the permission to read image digests, because the bootstrap template has no ${toDeploy.missing} where that is looked for: deployments with container images will be refused there until the role may ecr:DescribeImages on the repository of container assets.`,
      );
      change = changeOf(target, request, stack, template, { canReadImages: false });
    }
  }
  const { toolkitStackName, differences, removedTrust } = change;
  if (removedTrust.length > 0) {
    // It can stop somebody else's pipeline, so it is always said.
    const verb = request.dryRun ? 'would lose' : 'loses';
    warn(
      `${removedTrust.join(', ')} ${verb} the trust of ${id}, because nothing names it as trusted there; --keepTrust keeps it.`,
    );
  }
  const facts = { toolkitStackName, differences };
  if (toDeploy === undefined || change.action === 'nothing') {
    return { ...facts, outcome: 'unchanged', detail: `version ${stack.found?.version}` };
  }
  const detail = differences.join(', ');
  if (request.dryRun) {
    return { ...facts, outcome: 'planned', detail: `would ${change.action} it: ${detail || 'forced'}` };
  }
  const { applyChange } = await import('./apply.ts');
  if (!(await applyChange(target, request, change, toDeploy.text, access, { aws, listener }))) {
    return { ...facts, outcome: 'unchanged' };
  }
  return { ...facts, outcome: change.action === 'create' ? 'created' : 'updated', detail };
}
