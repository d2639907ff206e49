import { type AwsClients, explain } from '../aws/index.ts';
import {
  nameOfChangeSet,
  CloudFormation,
  type ResourceChange,
  systemClock,
  type Clock,
  resolveStack,
  readTemplate,
} from '../cloudformation/index.ts';
import { deploy, type StackReport, wayOn } from '../deploy/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import { dataFate } from './data-fate.ts';
import { PLAN_FORMAT, type PlannedChange, type PlannedPermissions, type PlannedStack } from './model.ts';
import { comparePermissions, NO_PERMISSIONS } from './permissions.ts';
import type { PlanReport, PlanRequest } from './request.ts';
import { digestOfText, parseTemplate, type Template } from './template.ts';
import { summaryOf } from './wording.ts';

/** What planning works with. */
export interface PlanDependencies {
  readonly aws: AwsClients;
  readonly listener: Listener;
  /** When it fires, no further stack is planned, and there is no plan. */
  readonly signal?: AbortSignal;
  /** @default the system's */
  readonly clock?: Clock;
}

/** Templates held at a time: each may have a megabyte, and so has what is compared with it. */
const COMPARED_AT_ONCE = 4;

/**
 * Works out what a deployment would change, and changes nothing: CloudFormation makes a change set for each stack that
 * differs, which is described and deleted again. A stack that is not there yet is planned from its template, since a
 * change set would leave an empty stack behind.
 *
 * @throws Failure for a request that makes no sense, as `deploy` does
 */
export async function makePlan(request: PlanRequest, dependencies: PlanDependencies): Promise<PlanReport> {
  const clock = dependencies.clock ?? systemClock;
  const startedAt = clock.now();
  const { assembly, stacks, promotion, parameters, concurrency } = request;
  const report = await deploy(
    { assembly, stacks, promotion, parameters, concurrency, dryRun: true },
    { ...dependencies, listener: asPlan(dependencies.listener) },
  );

  const { default: pLimit } = await import('p-limit');
  const limit = pLimit(COMPARED_AT_ONCE);
  const outcomes = await Promise.all(
    report.stacks.map((stack) =>
      limit(() =>
        planned(stack, request, dependencies.aws, clock).catch((error: unknown) => {
          const { message } = explain(error);
          return message.startsWith(`${stack.id}:`) ? message : `${stack.id}: ${message}`;
        }),
      ),
    ),
  );
  const failures = outcomes.filter((outcome) => typeof outcome === 'string');
  const plans = outcomes.filter((outcome) => typeof outcome !== 'string');
  const success = report.success && failures.length === 0 && !report.interrupted;
  const told = new Set(report.stacks.flatMap(({ failure }) => failure?.message ?? []));
  const { listener } = dependencies;
  for (const text of failures) if (!told.has(text)) listener({ type: 'message', level: 'error', text });
  const milliseconds = clock.now() - startedAt;
  const summary = success ? summaryOf(plans) : `no plan: ${failures.length} of ${outcomes.length} stacks have none`;
  listener({ type: 'run-finished', success, summary, milliseconds });
  const { project, release } = request;
  return {
    success,
    milliseconds,
    failures,
    ...(success && { plan: { format: PLAN_FORMAT, project, release, stacks: plans } }),
  };
}

/** A dry run is told as what it is for. What each resource becomes is the plan's to tell. */
function asPlan(listener: Listener): Listener {
  return (event) => {
    if (event.type === 'run-finished') return;
    if (event.type === 'run-started') return listener({ ...event, action: 'plan' });
    if (event.type === 'item-finished' && event.outcome === 'planned') return listener({ ...event, lines: [] });
    listener(event);
  };
}

/** @throws Failure where nobody can say what a deployment would change */
async function planned(
  report: StackReport,
  request: PlanRequest,
  aws: AwsClients,
  clock: Clock,
): Promise<PlannedStack> {
  const { id, stackName, account, region, outcome, changes, seen, failure, notes } = report;
  if (outcome === 'failed') throw new Failure(failure!.code, failure!.message);
  if (seen === undefined || outcome === 'skipped') throw new Failure('NotPlanned', `${id}: ${notes.join('; ')}`);
  const stack = request.assembly.stacks.find((one) => one.id === id)!;
  const way = seen.stack === undefined ? 'create' : wayOn(seen.stack.status);
  if (outcome !== 'unchanged' && changes.from === undefined) throw unplannable(id, way, notes);

  const isThere = way === 'update';
  const known = { id, stackName, account, region, desired: seen.desired };
  if (outcome === 'unchanged') {
    const basis = basisOf(seen.stack!);
    return { ...known, outcome, reasons: [], basis, changes: [], permissions: NO_PERMISSIONS };
  }
  const text = isThere ? await deployedTemplate(report, request, aws, clock) : undefined;
  const before = text === undefined ? undefined : parseTemplate(text);
  const after = parseTemplate(await readTemplate(id, stack.templateFile));
  if (after === undefined)
    throw new Failure('BrokenAssembly', `${id}: its template is no JSON: synthesize the app again`);
  const permissions = await comparePermissions(before, after, changes.resources);
  const basis = seen.stack === undefined || seen.stack.status === 'REVIEW_IN_PROGRESS' ? null : basisOf(seen.stack);
  return {
    ...known,
    outcome: isThere ? 'update' : way === 'recreate' ? 'recreate' : 'create',
    reasons: [...notes].sort(),
    basis: basis && text !== undefined ? { ...basis, template: digestOfText(text) } : basis,
    changes: changesOf(changes.resources, before, after),
    permissions: text !== undefined && before === undefined ? unreadable(permissions) : permissions,
  };
}

function unplannable(id: string, way: string, notes: readonly string[]): Failure {
  const why = notes.join('; ');
  if (way === 'update') {
    return new Failure('NotPublished', `${id}: ${why}: run publish first (nx publish <project>), then plan again`);
  }
  const next =
    way === 'wait'
      ? 'plan again when it is done'
      : way === 'stop'
        ? 'repair it, then plan again'
        : 'bring it back with nx rollback <project>, then plan again';
  return new Failure('Unplannable', `${id}: what changes depends on how that ends: ${why}: ${next}`);
}

async function deployedTemplate(
  report: StackReport,
  request: PlanRequest,
  aws: AwsClients,
  clock: Clock,
): Promise<string> {
  const target = await resolveStack(
    request.assembly.stacks.find(({ id }) => id === report.id)!,
    aws,
  );
  return new CloudFormation(aws, target.session, clock).originalTemplate(report.seen!.stack!.id);
}

/** A stack as a plan remembers it. */
export function basisOf({
  id,
  status,
  updatedAt,
  changeSetId,
}: NonNullable<NonNullable<StackReport['seen']>['stack']>) {
  return {
    stackId: id,
    status,
    updatedAt: new Date(updatedAt).toISOString(),
    ...(changeSetId && { changeSet: nameOfChangeSet(changeSetId) }),
  };
}

function changesOf(
  resources: readonly ResourceChange[],
  before: Template | undefined,
  after: Template,
): PlannedChange[] {
  return resources
    .map((change): PlannedChange => {
      const { action, logicalId, resourceType, constructPath, replacement = 'never', properties = [] } = change;
      const data = dataFate(change, before, after);
      return {
        action,
        logicalId,
        resourceType,
        ...(constructPath && { constructPath }),
        replacement: action === 'Modify' || action === 'Dynamic' ? replacement : 'never',
        properties: properties.map(({ path }) => path),
        ...(data && { data }),
      };
    })
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function key({ logicalId, action }: PlannedChange): string {
  return `${logicalId} ${action}`;
}

/** Without the deployed template, all that the new one allows shows as new. */
function unreadable({ lines }: PlannedPermissions): PlannedPermissions {
  const text = '? the deployed template is no JSON: everything that the new one allows is listed';
  return { widened: true, lines: [{ widens: true, text }, ...lines] };
}
