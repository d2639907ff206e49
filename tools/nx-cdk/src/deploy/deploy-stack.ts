import type { Listener } from '../progress/events.ts';
import { Failure } from '../failure/failure.ts';
import type { AssetCheck } from './asset-check.ts';
import type { BootstrapCheck } from './bootstrap-check.ts';
import { createChangeSet } from './change-set.ts';
import { nameOfChangeSet, operationToken, readChangeSetMark } from './change-set-name.ts';
import type { Clock } from './clock.ts';
import { nameOf, type CloudFormation, type DescribedStack } from './cloudformation.ts';
import { desire, type DesiredStack } from './desired.ts';
import { findCauses } from './events.ts';
import { Interrupted } from './interrupted.ts';
import { reportEvents } from './live-events.ts';
import type { GivenParameters } from './parameters.ts';
import { planCreation } from './plan.ts';
import { NO_CHANGES, type Changes, type StackOutcome } from './request.ts';
import type { Snapshot } from './snapshot.ts';
import { StackFailed, stackFailed } from './stack-failed.ts';
import { isDone, isForward, wayOn } from './stack-machine.ts';
import type { Target } from './target.ts';
import { readTemplate, sameTemplate, summarize } from './template.ts';
import { judge } from './unchanged.ts';
import type { Watch } from './watch.ts';

/** What the deployment of one stack works with; all but the target is shared with others. */
export interface StackContext {
  readonly target: Target;
  readonly cloudFormation: CloudFormation;
  readonly snapshot: Snapshot;
  readonly watch: Watch;
  readonly bootstrap: BootstrapCheck;
  readonly assets: AssetCheck;
  readonly given: GivenParameters;
  readonly clock: Clock;
  readonly listener: Listener;
  readonly signal?: AbortSignal;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly rollback: boolean;
}

/** How the deployment of one stack ended, if not in an error. */
export interface StackResult {
  readonly outcome: StackOutcome;
  readonly notes: readonly string[];
  readonly changes: Changes;
  readonly outputs: Readonly<Record<string, string>>;
}

/** More transitions than any way through the statuses has; only a stack that others keep changing gets there. */
const MAXIMUM_STEPS = 20;

/** CloudFormation's words for a stack that is no longer as it was described a moment ago. */
const OUTDATED = /_IN_PROGRESS state|can ?not be updated|does not exist|already exists|AlreadyExists/;

/**
 * Brings one stack to what the assembly says: looks at its status, goes the way that `stack-machine.ts` knows for it, and
 * looks again, until it is done.
 */
export class StackDeployment {
  readonly #context: StackContext;
  readonly #target: Target;
  readonly #notes: string[] = [];
  /** Recoveries that were tried: each is tried once. */
  readonly #tried = new Set<string>();
  #outdated = 0;

  constructor(context: StackContext) {
    this.#context = context;
    this.#target = context.target;
  }

  /** @throws Failure, StackFailed, Interrupted */
  async run(): Promise<StackResult> {
    const { snapshot, given, rollback, dryRun } = this.#context;
    const { stack } = this.#target;
    const [template, found] = await Promise.all([
      summarize(stack.id, stack.templateFile),
      snapshot.read(stack.stackName),
    ]);
    const desired = desire(this.#target, template, given.forStack(stack, template));

    let current = found;
    for (let step = 0; step < MAXIMUM_STEPS; step += 1) {
      this.#stopIfInterrupted();
      const way = wayOn(current?.status ?? 'ABSENT', rollback);
      if (dryRun && current && way !== 'create' && way !== 'update') return this.#planRecovery(desired, current, way);
      switch (way) {
        case 'create':
        case 'update': {
          const result = await this.#deploy(
            desired,
            way === 'create' && current?.status !== 'REVIEW_IN_PROGRESS' ? undefined : current,
          );
          if (result) return result;
          current = await this.#context.cloudFormation.describe(stack.stackName);
          break;
        }
        case 'wait': {
          const [ended, ours] = await this.#wait(desired, current!);
          if (ours) return this.#finish(ended, ended.status === 'CREATE_COMPLETE' ? 'created' : 'updated', NO_CHANGES);
          current = ended;
          break;
        }
        case 'recreate':
          current = await this.#delete(current!);
          break;
        case 'roll-back':
        case 'continue-rollback':
          current = await this.#recover(current!, way);
          break;
        case 'stop':
          throw new Failure(
            'StuckStack',
            `${stack.id}: stack ${stack.stackName} in ${this.#target.environment} is in status ${current!.status}, ` +
              'from which only a person can lead it: repair it in the CloudFormation console, then deploy again',
          );
      }
    }
    throw new Failure(
      'StackKeepsChanging',
      `${stack.id}: others keep changing this stack in ${this.#target.environment}: deploy again when they are done`,
    );
  }

  /** Creates or updates, unless nothing changes; undefined where the stack turned out to be in another state than thought. */
  async #deploy(desired: DesiredStack, current: DescribedStack | undefined): Promise<StackResult | undefined> {
    const { cloudFormation, bootstrap, assets, clock, signal, dryRun, force, rollback } = this.#context;
    const { stack } = this.#target;
    const updates = current !== undefined && current.status !== 'REVIEW_IN_PROGRESS';

    if (updates && !force) {
      const reasons = await this.#reasonsToDeploy(desired, current);
      if (reasons.length === 0) return this.#unchanged(current);
      this.#notes.push(...reasons);
    }
    await bootstrap.verify(this.#target);
    if (dryRun && !updates) return this.#result('planned', planCreation(desired), {});

    this.#step('creating change set');
    let changeSet;
    try {
      await assets.verify(this.#target);
      this.#stopIfInterrupted();
      changeSet = await createChangeSet(cloudFormation, clock, desired, current);
    } catch (error) {
      if (this.#wasOutdated(error)) {
        await clock.sleep(1000);
        return undefined;
      }
      const explained = await assets.explain(this.#target, error);
      if (dryRun && (explained as { code?: string }).code === 'AssetMissing') {
        this.#notes.push('not published yet, so CloudFormation cannot say which resources change');
        return this.#result('planned', NO_CHANGES, current?.outputs ?? {});
      }
      throw explained;
    }

    if (!changeSet.hasChanges || dryRun || signal?.aborted) {
      await cloudFormation.deleteChangeSet(changeSet.id, changeSet.stackId);
      this.#stopIfInterrupted();
      if (dryRun)
        return this.#result(changeSet.hasChanges ? 'planned' : 'unchanged', changeSet.changes, current?.outputs ?? {});
      if (updates) return this.#unchanged(current);
      throw new Failure('EmptyStack', `${stack.id}: its template creates nothing: a stack needs at least one resource`);
    }

    const startedAt = clock.now();
    this.#step(updates ? 'updating' : 'creating');
    await cloudFormation.executeChangeSet(changeSet.id, changeSet.stackId, changeSet.name, rollback);
    const total = Math.max(changeSet.changes.resources.length, 1);
    const ended = await this.#follow(changeSet.stackId, updates ? current : undefined, changeSet.name, total);
    if (isDone(ended.status)) return this.#finish(ended, updates ? 'updated' : 'created', changeSet.changes);
    throw await this.#failed(updates ? 'the update' : 'the creation', ended, changeSet.name, startedAt);
  }

  async #reasonsToDeploy(desired: DesiredStack, current: DescribedStack): Promise<readonly string[]> {
    const verdict = judge(desired, current);
    if (verdict.is === 'unchanged') return [];
    if (verdict.is === 'changed') return verdict.reasons;
    const { stack } = this.#target;
    const [ours, deployed] = await Promise.all([
      readTemplate(stack.id, stack.templateFile),
      this.#context.cloudFormation.originalTemplate(current.id),
    ]);
    return sameTemplate(ours, deployed) ? [] : ['template differs'];
  }

  async #unchanged(current: DescribedStack): Promise<StackResult> {
    const changed = this.#context.dryRun ? false : await this.#protect(current);
    return this.#result(changed ? 'updated' : 'unchanged', NO_CHANGES, current.outputs);
  }

  async #finish(stack: DescribedStack, outcome: StackOutcome, changes: Changes): Promise<StackResult> {
    await this.#protect(stack);
    return this.#result(outcome, changes, stack.outputs);
  }

  // Only after the stack is there and well: protection would keep a failed creation from being cleared away.
  async #protect(current: DescribedStack): Promise<boolean> {
    const wanted = this.#target.stack.terminationProtection;
    if (wanted === undefined || wanted === current.terminationProtection) return false;
    await this.#context.cloudFormation.setTerminationProtection(current.name, wanted);
    this.#notes.push(`termination protection ${wanted ? 'enabled' : 'disabled'}`);
    return true;
  }

  /** Follows a running operation to its end. The second value tells whether it was one that an earlier run of ours had started. */
  async #wait(desired: DesiredStack, current: DescribedStack): Promise<[DescribedStack, boolean]> {
    const { listener, watch, signal } = this.#context;
    const mark = readChangeSetMark(current.changeSetId);
    if (mark?.digest === desired.digest && isForward(current.status)) {
      this.#step('following the deployment that an earlier run started');
      this.#notes.push('started by an earlier run');
      const token = nameOfChangeSet(current.changeSetId);
      const ended = await this.#follow(current.id, current, token, desired.template.resources.size);
      if (!isDone(ended.status))
        throw await this.#failed('the deployment that an earlier run started', ended, token, mark.createdAt);
      return [ended, true];
    }
    const text = `waiting for an operation that this run did not start (${current.status})`;
    listener({ type: 'message', level: 'info', id: this.#target.stack.id, text: `${this.#target.stack.id}: ${text}` });
    this.#step(text);
    this.#notes.push(`waited for an operation that this run did not start (${current.status})`);
    const ended = await watch.follow(current.id, undefined, signal);
    return [ended, false];
  }

  async #delete(current: DescribedStack): Promise<DescribedStack> {
    const { cloudFormation, clock } = this.#context;
    const { stack, environment } = this.#target;
    if (current.terminationProtection) {
      throw new Failure(
        'TerminationProtected',
        `${stack.id}: its stack in ${environment} is in status ${current.status} and has to be deleted before it can be created anew, ` +
          'but its termination protection is on: switch that off, then deploy again',
      );
    }
    const again = current.status === 'DELETE_FAILED';
    const token = operationToken('delete', current.id, clock.now());
    const startedAt = clock.now();
    if (this.#tried.has(again ? 'delete-again' : 'delete'))
      throw await this.#failed('the deletion', current, token, startedAt - 3600_000);
    this.#tried.add(again ? 'delete-again' : 'delete');
    this.#notes.push(`deleted first, because its status was ${current.status}`);
    this.#step(`deleting the stack, because its status is ${current.status}`);
    await cloudFormation.deleteStack(current.id, token);
    const ended = await this.#follow(current.id, current, token, 1);
    if (ended.status === 'DELETE_FAILED' && this.#tried.has('delete-again'))
      throw await this.#failed('the deletion', ended, token, startedAt);
    return ended;
  }

  async #recover(current: DescribedStack, way: 'roll-back' | 'continue-rollback'): Promise<DescribedStack> {
    const { cloudFormation, clock } = this.#context;
    const startedAt = clock.now();
    const token = operationToken(way, current.id, startedAt);
    if (this.#tried.has(way)) throw await this.#failed('the rollback', current, token, startedAt - 3600_000);
    this.#tried.add(way);
    this.#notes.push(`rolled back first, because its status was ${current.status}`);
    this.#step(`rolling back, because its status is ${current.status}`);
    await (way === 'roll-back'
      ? cloudFormation.rollBack(current.id, token)
      : cloudFormation.continueRollback(current.id, token));
    const ended = await this.#follow(current.id, current, token, 1);
    if (ended.status === 'UPDATE_ROLLBACK_FAILED') throw await this.#failed('the rollback', ended, token, startedAt);
    return ended;
  }

  async #planRecovery(desired: DesiredStack, current: DescribedStack, way: string): Promise<StackResult> {
    const plans: Record<string, string> = {
      wait: 'would be waited for first',
      recreate: 'would be deleted and created anew',
      'roll-back': 'would be rolled back first',
      'continue-rollback': 'its rollback would be continued first',
      stop: 'needs a person',
    };
    this.#notes.push(`status is ${current.status}: ${plans[way]}`);
    return this.#result('planned', way === 'recreate' ? planCreation(desired) : NO_CHANGES, current.outputs);
  }

  async #follow(
    stackId: string,
    before: DescribedStack | undefined,
    token: string,
    total: number,
  ): Promise<DescribedStack> {
    const { cloudFormation, clock, listener, watch } = this.#context;
    const over = new AbortController();
    const live = reportEvents(
      cloudFormation,
      clock,
      listener,
      { id: this.#target.stack.id, stackId, token, total },
      over.signal,
    );
    try {
      return await watch.follow(stackId, before);
    } finally {
      over.abort();
      await live;
    }
  }

  async #failed(what: string, ended: DescribedStack, token: string, startedAt: number): Promise<StackFailed> {
    const causes = await findCauses(
      this.#context.cloudFormation,
      ended.id,
      { token, startedAt },
      this.#target.stack,
    ).catch(() => []);
    return stackFailed(this.#target, what, ended.status, ended.statusReason, causes);
  }

  #wasOutdated(error: unknown): boolean {
    if (
      !/ValidationError|AlreadyExists/.test(nameOf(error)) ||
      !OUTDATED.test(`${nameOf(error)} ${(error as Error).message}`)
    )
      return false;
    this.#outdated += 1;
    return this.#outdated <= 3;
  }

  #stopIfInterrupted(): void {
    if (this.#context.signal?.aborted) throw new Interrupted();
  }

  #step(step: string): void {
    this.#context.listener({ type: 'item-progress', id: this.#target.stack.id, step, milestone: true });
  }

  #result(outcome: StackOutcome, changes: Changes, outputs: Readonly<Record<string, string>>): StackResult {
    return { outcome, notes: this.#notes, changes, outputs };
  }
}
