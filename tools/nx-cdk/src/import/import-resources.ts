import type { Assembly, AssemblyStack } from '../assembly/index.ts';
import { type EngineDependencies, explain } from '../aws/index.ts';
import {
  type ChangeSet,
  type Clock,
  createChangeSet,
  deployAction,
  type DescribedStack,
  type DesiredStack,
  desiredStack,
  openStacks,
  type OpenedStack,
  parseTemplate,
  readDesired,
  GivenParameters,
  type StackFacts,
  stackFailed,
  type StackOwner,
  systemClock,
} from '../cloudformation/index.ts';
import { Failure, type ReportedFailure } from '../failure/index.ts';
import { count, failedItem, Run, type RunEnd } from '../progress/index.ts';
import { type Addition, differenceOf, importTemplate, requireOnlyAdditions } from './additions.ts';
import { type Asking, askForMapping, readMapping, type ResourceMapping, told } from './identify.ts';

/** What an import is asked to do. */
export interface ImportRequest {
  readonly assembly: Assembly;
  /** Ids of the chosen stacks: there has to be one. */
  readonly stacks: readonly string[];
  /** SHA-256 of each template of the release, by id of the stack. @default - there is no release */
  readonly templates?: ReadonlyMap<string, string>;
  /** Text of a file that says which resource is which, and its name. @default - somebody is asked */
  readonly mapping?: { readonly text: string; readonly file: string };
  /** Also if the app changes other resources of the stack: these stay as they are. @default false */
  readonly force?: boolean;
  /** Say what would be imported, and import nothing. @default false */
  readonly dryRun?: boolean;
  /** Takes what was answered, and nothing is imported. @default - it is imported */
  readonly record?: (mapping: Record<string, object>) => Promise<void>;
  /** Whose stack it is. */
  readonly owner?: StackOwner;
}

/** What an import works with. */
export interface ImportDependencies extends EngineDependencies, Asking {
  /** Asked before resources are imported, with all of them. @default - nobody is asked */
  readonly confirm?: (question: string, lines: readonly string[]) => Promise<boolean | undefined>;
  /** @default - that of the process */
  readonly clock?: Clock;
}

/** A resource that is imported. */
export interface ImportedResource {
  readonly logicalId: string;
  readonly resourceType: string;
  readonly constructPath?: string;
  readonly identifier: Readonly<Record<string, string>>;
}

/** How an import ended. Plain data. */
export interface ImportReport extends RunEnd, StackFacts {
  /** `planned` after a dry run, `skipped` if the person who was asked said no, or if answers were recorded only. */
  readonly outcome: 'updated' | 'planned' | 'skipped' | 'failed';
  readonly resources: readonly ImportedResource[];
  readonly failure?: ReportedFailure;
}

/**
 * Takes resources that are there into a stack: by a change set of CloudFormation that imports and does nothing else,
 * with nothing but the stack's deploy role.
 *
 * @throws Failure `NothingSelected` unless one stack is chosen; `NotImportable`, `NotOnlyImports`, `NotConfirmed`,
 * `BadOption`, `TemplateTooLarge`, `ChangeSetFailed`: nothing was imported. If the operation fails, the report says so.
 */
export async function importResources(request: ImportRequest, dependencies: ImportDependencies): Promise<ImportReport> {
  const { aws, listener, signal, confirm, clock = systemClock } = dependencies;
  const { assembly, dryRun = false, record } = request;
  const stack = theStack(request);
  const opened = await openStacks([stack], aws, clock);
  const work = await lookAt(opened.get(stack.id), request);
  const mapping = await mappingOf(work, request, dependencies);
  const resources = importedResources(work, mapping);
  const facts = opened.facts(stack);
  const none = { success: true, interrupted: signal?.aborted ?? false, milliseconds: 0, ...facts, resources };
  if (record !== undefined) {
    await record(Object.fromEntries(mapping));
    return { ...none, outcome: 'skipped' };
  }
  if (resources.length === 0) {
    const what = work.additions.length === 0 ? 'the app adds no resource to it' : 'none of its new resources was named';
    throw new Failure('NotImportable', { subject: stack.id, what, next: 'add what is there to the app, and name it' });
  }
  const { changeSet, desired } = await prepare(work, resources, request);
  const where = opened.targetOf(stack.id);
  const question = `Import ${count(resources.length, 'resource')} into ${stack.id} (${facts.stackName}, ${where})?`;
  const lines = resources.map(
    (one) => `  ${one.constructPath ?? one.logicalId} (${one.resourceType}): ${told(one.identifier)}`,
  );
  const agreed = dryRun || confirm === undefined || (await confirm(question, lines));
  if (agreed !== true || signal?.aborted) {
    await discard(work, changeSet);
    if (agreed !== undefined) return { ...none, success: false, outcome: 'skipped' };
    const what = `${question} There is no terminal to ask on, so nothing was imported`;
    throw new Failure('NotConfirmed', { what, next: 'add --yes after you have seen it with --dryRun' });
  }
  const action = dryRun ? 'import (dry run)' : 'import';
  const run = new Run({
    listener,
    signal,
    action,
    subject: assembly.stacks.length === 1 ? stack.stackName : stack.id,
    noun: 'stack',
    items: 1,
    words: { updated: 'imported' },
    clock,
  });
  const ended = await run.item({ id: stack.id, ...(where && { where }) }, async () => {
    try {
      if (dryRun) {
        await discard(work, changeSet);
        return { outcome: 'planned', lines, detail: `would import ${count(resources.length, 'resource')}` } as const;
      }
      await execute(work, desired, changeSet);
      return { outcome: 'updated', lines, detail: `imported ${count(resources.length, 'resource')}` } as const;
    } catch (error) {
      return failedItem(error instanceof Failure ? error : explain(error).of(stack.id));
    }
  });
  const failure = 'failure' in ended ? { failure: ended.failure } : {};
  return { ...run.finish(), ...facts, outcome: ended.outcome, resources, ...failure };
}

/** A stack that resources are imported into. */
interface ImportWork {
  readonly opened: OpenedStack;
  readonly desired: DesiredStack;
  /** Undefined if there is no stack yet. */
  readonly current: DescribedStack | undefined;
  readonly deployed: string | undefined;
  readonly additions: readonly Addition[];
}

/** @throws Failure `NothingSelected` */
function theStack({ assembly, stacks }: ImportRequest): AssemblyStack {
  const chosen = assembly.stacks.filter(({ id }) => stacks.includes(id));
  if (chosen.length === 1) return chosen[0]!;
  throw new Failure('NothingSelected', {
    what: `An import is into one stack, and ${chosen.length} are chosen`,
    next: `choose one with --stacks=${chosen[0]?.id ?? '<id>'}`,
  });
}

async function lookAt(opened: OpenedStack, { templates, force = false }: ImportRequest): Promise<ImportWork> {
  const { resolved, cloudFormation, snapshot } = opened;
  const { stack, targetName } = resolved;
  const desired = await readDesired(resolved, new GivenParameters([], [stack]), templates?.get(stack.id));
  const found = await snapshot.read(stack.stackName);
  const action = found && deployAction(found);
  if (action !== undefined && action !== 'update' && action !== 'create') {
    const what = `the stack is ${found!.status} in ${targetName}, and nothing is imported into it like that`;
    throw new Failure('NotImportable', { subject: stack.id, what, next: 'deploy it first, or wait for what runs' });
  }
  const current = action === 'update' ? found : undefined;
  const deployed = current && (await cloudFormation.originalTemplate(current.id));
  const difference = differenceOf(stack, desired.template.text(), deployed);
  if (!force) requireOnlyAdditions(stack, difference);
  return { opened, desired, current, deployed, additions: difference.additions };
}

async function mappingOf(
  { opened, desired, deployed, additions }: ImportWork,
  { mapping }: ImportRequest,
  asking: Asking,
): Promise<ResourceMapping> {
  if (mapping !== undefined) return readMapping(mapping.text, mapping.file, additions);
  if (additions.length === 0) return new Map();
  const { stack } = opened.resolved;
  const ids = additions.map(({ logicalId }) => logicalId);
  const template = importTemplate(stack, desired.template.text(), deployed, ids);
  return askForMapping(additions, await opened.cloudFormation.identifiersIn(template), asking);
}

function importedResources({ opened, additions }: ImportWork, mapping: ResourceMapping): ImportedResource[] {
  const origins = opened.resolved.stack.resources;
  return additions.flatMap(({ logicalId, resourceType }) => {
    const identifier = mapping.get(logicalId);
    const constructPath = origins.get(logicalId)?.constructPath;
    return identifier === undefined
      ? []
      : [{ logicalId, resourceType, identifier, ...(constructPath && { constructPath }) }];
  });
}

/** Lets CloudFormation work the import out. @throws Failure `NotOnlyImports` if it would do anything else */
async function prepare(work: ImportWork, resources: readonly ImportedResource[], { owner }: ImportRequest) {
  const { opened, current, deployed } = work;
  const { resolved, cloudFormation } = opened;
  const { stack } = resolved;
  const ids = resources.map(({ logicalId }) => logicalId);
  const template = parseTemplate(Buffer.from(importTemplate(stack, work.desired.template.text(), deployed, ids)));
  // Tags, topics and parameters of a stack that is there are no part of an import: they stay as they are.
  const asItIs = { ...resolved, stack: { ...stack, tags: undefined, notificationArns: undefined } };
  const desired = current
    ? desiredStack(asItIs, template, new Map())
    : desiredStack(resolved, template, work.desired.parameters);
  const importing = resources.map(({ logicalId, resourceType, identifier }) => ({
    LogicalResourceId: logicalId,
    ResourceType: resourceType,
    ResourceIdentifier: { ...identifier },
  }));
  const changeSet = await createChangeSet({ cloudFormation, desired, current }, { importing, owner });
  const { changes } = changeSet;
  const other = changes.resources.find(({ action, logicalId }) => action !== 'Import' || !ids.includes(logicalId));
  if (other === undefined && changes.resources.length === ids.length) return { changeSet, desired };
  await discard(work, changeSet);
  const did = other
    ? `would ${other.action.toLowerCase()} ${other.logicalId}`
    : `would import ${changes.resources.length}`;
  const next = 'look at the resource in the console, and correct the app or the mapping';
  throw new Failure('NotOnlyImports', { subject: stack.id, what: `the change set ${changeSet.name} ${did}`, next });
}

/** Leaves nothing behind: a stack that was made for the change set alone is gone, too. */
async function discard({ opened, current }: ImportWork, changeSet: ChangeSet): Promise<void> {
  const { cloudFormation } = opened;
  await cloudFormation.deleteChangeSet(changeSet);
  if (current !== undefined) return;
  const made = await cloudFormation.describe(changeSet.stackId);
  if (made?.status === 'REVIEW_IN_PROGRESS') await cloudFormation.start('delete', made.id, undefined);
}

/** @throws StackFailed with the resources that could not be imported, root cause first */
async function execute({ opened, current }: ImportWork, desired: DesiredStack, changeSet: ChangeSet): Promise<void> {
  const { cloudFormation, watch } = opened;
  const operation = await cloudFormation.executeChangeSet(changeSet, { mode: 'standard' });
  const ended = await watch.follow(operation.stackId, { before: current, changeSet: changeSet.name });
  if (ended.status === 'IMPORT_COMPLETE') return;
  const next = 'correct the cause and import again: what is there stays as it is';
  throw await stackFailed({ resolved: desired.resolved, cloudFormation }, 'the import', operation, ended, next);
}
