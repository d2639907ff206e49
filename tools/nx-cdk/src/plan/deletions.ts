import { hash } from 'node:crypto';
import { type Assembly, type AssemblyStack, readData } from '../assembly/index.ts';
import { requireAdmitted, resolveTarget } from '../aws/index.ts';
import {
  type DescribedStack,
  heldNames,
  isInProgress,
  isOwnedBy,
  leftBehindStack,
  type LeftBehindStack,
  madeLastOperation,
  type OpenedStack,
  openStacks,
  parseChangeSetName,
  type StackOwner,
  systemClock,
} from '../cloudformation/index.ts';
import { importsOf, inOrder, type StackDependencies } from '../deploy/index.ts';
import { Failure } from '../failure/index.ts';
import { basisOf } from './basis.ts';
import { removalsOf } from './removals.ts';
import type { PlannedDeletion } from './model.ts';
import { parseTemplate, type Template } from './template.ts';

/** Where to look for stacks that were left behind. */
export interface DeletionRequest {
  readonly assembly: Assembly;
  /** Ids of the chosen stacks: it is looked in their targets. */
  readonly stacks: readonly string[];
  /** Whose stacks they are. */
  readonly owner?: StackOwner;
  /** Which stacks to look for. @default - those that the owner has left behind */
  readonly isSought?: (stack: DescribedStack) => boolean;
  /** Only stacks of this environment. @default - of any */
  readonly environment?: string;
  /** Other apps of the workspace: what one of them holds was handed over to it, and stays. @default none */
  readonly otherApps?: readonly { readonly project: string; readonly stacks: readonly AssemblyStack[] }[];
  /** Whether the chosen stacks are deployed before, and import then what their new templates say. @default false */
  readonly deployed?: boolean;
}

/** What can be deleted, and what cannot. */
export interface Deletions {
  /** Each after those that have to be gone before. */
  readonly deletions: readonly PlannedDeletion[];
  /** Those that stay, with the reason. By target and name. */
  readonly kept: readonly LeftBehindStack[];
}

/** A stack that was left behind, with all that decides about it. */
interface Candidate {
  readonly stack: DescribedStack;
  /** A stack of the run in the same target, by whose role it is looked at. */
  readonly beside: OpenedStack;
  readonly text: string;
  readonly template: Template;
  /** Ids of the candidates that import what it exports. */
  readonly importers: Set<string>;
  stays?: string;
}

/**
 * Looks at every stack in the targets of a run for those that the app has left behind, and works out what their
 * deletion would do. Nothing is changed.
 *
 * @throws Failure `BadOption` if nobody is known to own the stacks; what keeps CloudFormation from being asked: what
 * cannot be looked at must not count as not there
 */
export async function findDeletions(request: DeletionRequest, dependencies: StackDependencies): Promise<Deletions> {
  const { assembly } = request;
  const isSought = request.isSought ?? (await leftBehindBy(request, dependencies));
  const { aws, clock = systemClock } = dependencies;
  const stacks = assembly.stacks.filter(({ id }) => request.stacks.includes(id));
  const opened = await openStacks(stacks, aws, clock);
  const places = new Map(stacks.map(({ id }) => [opened.get(id).resolved.targetName, opened.get(id)]));
  const found = await Promise.all(
    [...places].map(async ([targetName, beside]) => {
      const isLeft = (stack: DescribedStack) => isSought(stack, targetName);
      return Promise.all((await beside.cloudFormation.describeAll(isLeft)).map((one) => candidate(one, beside)));
    }),
  );
  const candidates = found.flat().sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const holderOf = await holders(request, dependencies);
  for (const one of candidates) one.stays = holderOf(one) ?? whyItStays(one, request);
  await findImporters(candidates, { ...request, stacks: stacks.map(({ id }) => id) });
  const going = candidates.filter(({ stays }) => stays === undefined);
  for (const one of going) admitExecutionRole(one, dependencies);
  const deletions = going.map((one) => deletionOf(one));
  const byId = new Map(deletions.map((one) => [one.basis.stackId, one]));
  const order = inOrder(deletions.map(({ basis, after }) => ({ id: basis.stackId, dependencies: after })));
  const kept = candidates.filter(({ stays }) => stays !== undefined);
  return {
    deletions: order.map(({ id }) => byId.get(id)!),
    kept: kept.map((one) => ({ ...factsOf(one), stays: one.stays! })),
  };
}

/** @throws Failure `BadOption` if nobody is known to own the stacks */
async function leftBehindBy(
  { assembly, owner }: DeletionRequest,
  { aws }: StackDependencies,
): Promise<(stack: DescribedStack, targetName: string) => boolean> {
  if (owner === undefined || owner.more !== undefined) throw ownerless(owner);
  const isHeld = await heldNames(assembly.stacks, aws);
  return (stack, targetName) => isOwnedBy(stack, owner) && !isHeld(targetName, stack.name);
}

function ownerless(owner: StackOwner | undefined): Failure {
  return new Failure('BadOption', {
    what:
      owner === undefined
        ? 'Nobody knows which stacks this app deployed: the workspace has no name'
        : 'An instance of an app has left nothing behind',
    next:
      owner === undefined
        ? 'give the package.json of the workspace a "name" and deploy; what changes from then on is known'
        : 'run it without the instance',
  });
}

async function candidate(stack: DescribedStack, beside: OpenedStack): Promise<Candidate> {
  const text = await beside.cloudFormation.originalTemplate(stack.id);
  return { stack, beside, text, template: parseTemplate(text) ?? {}, importers: new Set() };
}

function keyOf({ stack, beside }: Candidate): string {
  return `${beside.resolved.targetName} ${stack.name}`;
}

function factsOf({ stack, beside }: Candidate): LeftBehindStack {
  return leftBehindStack(stack, beside.resolved.account, beside.resolved.region);
}

/** Says which other app holds a stack. */
async function holders(
  { otherApps = [] }: DeletionRequest,
  { aws }: StackDependencies,
): Promise<(one: Candidate) => string | undefined> {
  const apps = otherApps.map(async ({ project, stacks }) => ({ project, isHeld: await heldNames(stacks, aws) }));
  const known = await Promise.all(apps);
  return ({ stack, beside }) => {
    const holder = known.find(({ isHeld }) => isHeld(beside.resolved.targetName, stack.name));
    return holder && `the project ${holder.project} holds it`;
  };
}

/** What speaks against a deletion before anybody asks who imports something. */
function whyItStays({ stack, template }: Candidate, { environment }: DeletionRequest): string | undefined {
  const { status, terminationProtection } = stack;
  const isBeingDeleted = status.startsWith('DELETE_');
  if (terminationProtection) return 'its termination protection is on';
  if (!isBeingDeleted && !madeLastOperation(parseChangeSetName(stack.changeSetId)!, stack)) {
    return 'somebody has worked on it since the app deployed it';
  }
  if (!isBeingDeleted && isInProgress(status)) return 'an operation is running';
  if (environment === undefined || isOf(environment, template)) return undefined;
  return `it is not known to be of the environment ${environment}`;
}

/** Whether a stack was in the stage of an environment, by the construct paths in its template. */
function isOf(environment: string, { Resources = {} }: Template): boolean {
  return Object.values(Resources).some((resource) => {
    const path = resource.Metadata?.['aws:cdk:path'];
    return typeof path === 'string' && path.startsWith(`${environment}/`);
  });
}

/** Finds who imports what, and keeps each stack of which an export stays in use. */
async function findImporters(candidates: readonly Candidate[], request: DeletionRequest): Promise<void> {
  const imports = new Map(candidates.map((one) => [one, one.template.Resources ? importsOf(one.text) : new Set()]));
  const outside = new Map<Candidate, string>();
  for (const one of candidates) {
    const { cloudFormation, resolved } = one.beside;
    const inTarget = candidates.filter(({ beside }) => beside.resolved.targetName === resolved.targetName);
    for (const name of Object.keys(one.stack.exports)) {
      // Templates say it where the role may not ask; CloudFormation says it where the name is no text.
      const asked = await cloudFormation.importers(name);
      for (const other of inTarget) {
        if (imports.get(other)!.has(name) || asked.includes(other.stack.name)) one.importers.add(other.stack.id);
      }
      for (const importer of asked.filter((each) => !inTarget.some(({ stack }) => stack.name === each))) {
        if (await letsGo(request, resolved, importer, name)) continue;
        outside.set(one, `the stack ${importer} imports its export ${name}`);
      }
    }
    one.importers.delete(one.stack.id);
  }
  for (const [one, why] of outside) one.stays ??= why;
  // What stays keeps in use what it imports.
  for (let changed = true; changed;) {
    changed = false;
    for (const one of candidates) {
      const user = candidates.find(({ stack, stays }) => stays !== undefined && one.importers.has(stack.id));
      if (user === undefined || one.stays !== undefined) continue;
      one.stays = `the stack ${user.stack.name}, which stays, imports an export of it`;
      changed = true;
    }
  }
}

/** Whether a stack of the run is deployed before, without the import. */
async function letsGo(
  { assembly, stacks, deployed }: DeletionRequest,
  { account, region }: OpenedStack['resolved'],
  stackName: string,
  exportName: string,
): Promise<boolean> {
  if (deployed !== true) return false;
  const isIt = ({ id, stackName: name, target }: AssemblyStack) =>
    name === stackName &&
    stacks.includes(id) &&
    [account, 'unknown-account'].includes(target.account) &&
    [region, 'unknown-region'].includes(target.region);
  const importer = assembly.stacks.find(isIt);
  if (importer === undefined) return false;
  return !importsOf((await readData(importer.templateFile)).toString()).has(exportName);
}

/** The role that the stack was made with, else the one that stacks of the app in its target are made with. */
function executionRoleOf({ stack, beside }: Candidate): string | undefined {
  return stack.roleArn ?? beside.resolved.executionRoleArn;
}

/** @throws Failure `RoleNotAdmitted` */
function admitExecutionRole(one: Candidate, { aws }: StackDependencies): void {
  const { account, region } = one.beside.resolved;
  requireExecutionRole(aws, { account, region, stackName: one.stack.name, executionRoleArn: executionRoleOf(one) });
}

/** Checks the role that a stack is to be deleted with. @throws Failure `RoleNotAdmitted` */
export function requireExecutionRole(
  aws: StackDependencies['aws'],
  {
    account,
    region,
    stackName: subject,
    executionRoleArn: arn,
  }: Pick<PlannedDeletion, 'account' | 'region' | 'stackName' | 'executionRoleArn'>,
): void {
  const target = { account, region, partition: arn?.split(':')[1] ?? 'aws' };
  const named = 'the execution role that it would be deleted with';
  requireAdmitted(aws.admission, target, 'cfn-exec', arn === undefined ? arn : { arn }, { subject, named });
}

function deletionOf(one: Candidate): PlannedDeletion {
  const { stack, text, template, importers } = one;
  const { stackName, account, region, deployedAt } = factsOf(one);
  const executionRoleArn = executionRoleOf(one);
  return {
    stackName,
    account,
    region,
    deployedAt,
    basis: { ...basisOf(stack), template: hash('sha256', text) },
    ...(executionRoleArn !== undefined && { executionRoleArn }),
    after: [...importers].sort(),
    changes: removalsOf(template),
    ...(template.Transform !== undefined && { transformed: true }),
  };
}

/** Of a plan's deletions those in the targets of a run. */
export async function deletionsIn(
  deletions: readonly PlannedDeletion[],
  { assembly, stacks }: Pick<DeletionRequest, 'assembly' | 'stacks'>,
  { aws }: Pick<StackDependencies, 'aws'>,
): Promise<PlannedDeletion[]> {
  const targets = new Set<string>();
  for (const { target } of assembly.stacks.filter(({ id }) => stacks.includes(id))) {
    const { account, region } = await resolveTarget(aws, target);
    targets.add(`${account}/${region}`);
  }
  return deletions.filter(({ account, region }) => targets.has(`${account}/${region}`));
}
