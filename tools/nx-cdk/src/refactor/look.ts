import type { StackDefinition } from '@aws-sdk/client-cloudformation';
import { type AssemblyStack, list, type PromotionGroup } from '../assembly/index.ts';
import {
  deployAction,
  type DescribedStack,
  GivenParameters,
  isOwnedBy,
  type OpenedStack,
  type OpenedStacks,
  readDesired,
  type StackOwner,
} from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { definitionsOf, MOST_STACKS, stacksTakingPart } from './definitions.ts';
import { keyOf, type Location, type Move, nameOf, type Template, type TemplateStack } from './model.ts';
import { type Comparison, compareStacks, resourcesIn } from './moves.ts';
import { overridesIn, type TargetOverrides } from './overrides.ts';

/** The stacks of an environment in one account and region, which one role reaches. */
export interface StackGroup {
  /** `staging (111111111111/eu-west-1)` */
  readonly name: string;
  readonly where: string;
  readonly stacks: readonly OpenedStack[];
}

/** What would be moved in a group. */
export interface GroupMoves {
  readonly group: StackGroup;
  readonly moves: readonly Move[];
  /** Lines that say so. */
  readonly lines: readonly string[];
  readonly definitions: readonly StackDefinition[];
  /** The stacks that take part, as they are. */
  readonly before: readonly DescribedStack[];
}

/** What decides about the moves. */
export interface LookRequest {
  /** SHA-256 of each template of the release, by id of the stack. @default - there is no release */
  readonly templates?: ReadonlyMap<string, string>;
  /** What a person says of resources that are alike. @default - nothing */
  readonly overrides?: readonly TargetOverrides[];
  /** Names of stacks that the app has left, and whose resources are elsewhere in it now. @default - none */
  readonly formerStacks?: readonly string[];
  /** Whose stacks they are. */
  readonly owner?: StackOwner;
}

/**
 * Stacks that can have resources of each other: an environment of its own, since environments are alike, and one role.
 * In promotion order.
 */
export function groupsOf(
  stacks: readonly AssemblyStack[],
  promotion: readonly PromotionGroup[],
  opened: OpenedStacks,
): StackGroup[] {
  const environmentOf = ({ id }: AssemblyStack) => promotion.findIndex(({ stackIds }) => stackIds.includes(id));
  const all = stacks.map((stack) => ({ opened: opened.get(stack.id), environment: environmentOf(stack) }));
  const groups = Map.groupBy(all, (one) => `${one.environment} ${one.opened.resolved.sessionKey}`);
  return [...groups.values()]
    .toSorted((a, b) => a[0]!.environment - b[0]!.environment)
    .map((members) => {
      const [{ environment, opened: first }] = members as [(typeof members)[number]];
      const where = first.resolved.targetName;
      const name = promotion[environment]?.name;
      return {
        name: name === undefined ? where : `${name} (${where})`,
        where,
        stacks: members.map((one) => one.opened),
      };
    });
}

/**
 * Finds out what has got another place in a group.
 *
 * @throws Failure `AmbiguousMove`, `NotOnlyMoves`, `NotRefactorable`, `BadOption`, and as `definitionsOf` and
 * `readDesired` do
 */
export async function lookAtGroup(group: StackGroup, request: LookRequest): Promise<GroupMoves> {
  const found = await Promise.all(group.stacks.map((one) => read(one, request)));
  const former = await Promise.all((request.formerStacks ?? []).map((name) => readFormer(name, group, request)));
  const wanted = found.map(({ wanted: one }) => one);
  const there = [...found, ...former].flatMap(({ current, deployed }) =>
    current === undefined || deployed === undefined ? [] : [{ current, deployed }],
  );
  const deployed = there.map((one) => one.deployed);
  const [{ resolved }] = group.stacks as [OpenedStack];
  const said = (request.overrides ?? [])
    .filter(({ account, region }) => account === resolved.account && region === resolved.region)
    .flatMap((one) => overridesIn(one, deployed, wanted));
  const comparison = compareStacks(deployed, wanted, said);
  requireClear(comparison, deployed, wanted, group);
  const { moves } = comparison;
  if (moves.length === 0) return { group, moves, lines: [], definitions: [], before: [] };
  const names = stacksTakingPart(deployed, wanted, moves);
  requireOnlyMoves(comparison, names, deployed, wanted);
  requireStacks(
    names,
    there.map(({ current }) => current),
    group,
  );
  const definitions = definitionsOf(names, deployed, wanted);
  const before = there.flatMap(({ current }) => (names.includes(current.name) ? [current] : []));
  return { group, moves, lines: moves.map((move) => lineOf(move, deployed, wanted)), definitions, before };
}

interface FoundStack {
  readonly current: DescribedStack | undefined;
  readonly deployed: TemplateStack | undefined;
}

async function read(
  { resolved, cloudFormation, snapshot }: OpenedStack,
  { templates }: LookRequest,
): Promise<FoundStack & { readonly wanted: TemplateStack }> {
  const { stack } = resolved;
  const { stackName } = stack;
  const desired = await readDesired(resolved, new GivenParameters([], [stack]), templates?.get(stack.id));
  const wanted = { stackName, template: JSON.parse(desired.template.text()) as Template };
  const current = await snapshot.read(stackName);
  if (current === undefined || ['REVIEW_IN_PROGRESS', 'DELETE_COMPLETE'].includes(current.status))
    return { wanted, current: undefined, deployed: undefined };
  return { wanted, current, deployed: templateOf(stackName, await cloudFormation.originalTemplate(current.id)) };
}

/** A stack that the app has no more. @throws Failure `NotRefactorable` for one that is not known to be the app's */
async function readFormer(
  stackName: string,
  { stacks, where }: StackGroup,
  { owner }: LookRequest,
): Promise<FoundStack> {
  const [{ cloudFormation }] = stacks as [OpenedStack];
  if (stacks.some(({ resolved }) => resolved.stack.stackName === stackName)) {
    throw new Failure('BadOption', {
      what: `--formerStacks names ${stackName}, which the app has`,
      next: 'leave it out: stacks of the app are compared anyway',
    });
  }
  const current = await cloudFormation.describe(stackName);
  // It may be in another target of the run.
  if (current === undefined || current.status === 'DELETE_COMPLETE') return { current: undefined, deployed: undefined };
  if (owner === undefined || !isOwnedBy(current, owner)) {
    throw new Failure('NotRefactorable', {
      subject: stackName,
      what: `it is not known to be a stack of this app (${where}): another one, or another tool, deployed it last`,
      next: 'nothing is taken out of stacks of others; for one that cdk deploy made: nx cdk <project> -- refactor',
    });
  }
  return { current, deployed: templateOf(stackName, await cloudFormation.originalTemplate(current.id)) };
}

function templateOf(stackName: string, text: string): TemplateStack {
  try {
    return { stackName, template: JSON.parse(text) as Template };
  } catch (cause) {
    const what = 'its template is no JSON, so it was not deployed by a CDK app';
    throw new Failure('NotRefactorable', { subject: stackName, what, next: 'deploy the app once before' }, { cause });
  }
}

/** @throws Failure `AmbiguousMove`, `BadOption` */
function requireClear(
  { ambiguous, unfit }: Comparison,
  deployed: readonly TemplateStack[],
  wanted: readonly TemplateStack[],
  { name }: StackGroup,
): void {
  const [stray] = unfit;
  if (stray !== undefined) {
    throw new Failure('BadOption', {
      what: `The override of ${keyOf(stray.from)} to ${keyOf(stray.to)} fits nothing: these are not alike, or have not moved`,
      next: 'take it out; a resource that changes as well is deployed before or afterwards',
    });
  }
  const [first] = ambiguous;
  if (first === undefined) return;
  throw new Failure('AmbiguousMove', {
    what: `Nobody can tell in ${name} which is which: ${places(first.from, deployed)} became ${places(first.to, wanted)}, and they are alike`,
    next: 'say it in a file: --overrideFile, as docs/chores.md has it',
  });
}

/** @throws Failure `NotOnlyMoves` if the app changes something else in the stacks that take part */
function requireOnlyMoves(
  { gone, added }: Comparison,
  names: readonly string[],
  deployed: readonly TemplateStack[],
  wanted: readonly TemplateStack[],
): void {
  const takesPart = ({ stackName }: Location) => names.includes(stackName);
  const removed = gone.filter(takesPart);
  const others = [...removed, ...added.filter(takesPart)];
  const [first] = others;
  if (first === undefined) return;
  const differing = [...new Set([places(removed, deployed), places(added.filter(takesPart), wanted)])].filter(Boolean);
  throw new Failure('NotOnlyMoves', {
    subject: first.stackName,
    what: `the app adds, changes or removes something there too (${differing.join('; ')}), and a refactoring may only move`,
    next: 'commit the moves by themselves, refactor, deploy that, and go on with the rest',
  });
}

function places(locations: readonly Location[], stacks: readonly TemplateStack[]): string {
  const resources = resourcesIn(stacks);
  return list([...new Set(locations.map((one) => nameOf(resources.get(keyOf(one))!, keyOf(one))))].toSorted());
}

/** @throws Failure `NotRefactorable` */
function requireStacks(names: readonly string[], there: readonly DescribedStack[], { name: where }: StackGroup): void {
  for (const name of names) {
    const current = there.find((one) => one.name === name);
    if (current === undefined) {
      throw new Failure('NotRefactorable', {
        subject: name,
        what: `there is no such stack in ${where} yet, and the deploy role cannot make one out of resources of others`,
        next: 'deploy it first with something of its own in it, and move the rest then',
      });
    }
    if (deployAction(current) !== 'update') {
      throw new Failure('NotRefactorable', {
        subject: name,
        what: `it is ${current.status} in ${where}, and nothing moves like that`,
        next: 'wait for what runs, or deploy it first',
      });
    }
  }
  if (names.length <= MOST_STACKS) return;
  throw new Failure('NotRefactorable', {
    what: `${names.length} stacks take part in ${where} (${list(names)}), and CloudFormation takes ${MOST_STACKS} at a time`,
    next: 'move in several steps, or choose some of them with --stacks',
  });
}

function lineOf(
  { from, to, resourceType }: Move,
  deployed: readonly TemplateStack[],
  wanted: readonly TemplateStack[],
) {
  const told = (one: Location, stacks: readonly TemplateStack[]) => {
    const name = nameOf(resourcesIn(stacks).get(keyOf(one))!, '');
    return name === '' ? keyOf(one) : `${name} (${keyOf(one)})`;
  };
  return `  ${resourceType}: ${told(from, deployed)} -> ${told(to, wanted)}`;
}
