import { targetName } from '@nx-cdk/environments';
import type { Architecture, DrawnStack, Kind, Link } from './model.ts';

/** The stacks of an environment. */
export interface Group {
  /** Absent for those that belong to no environment. */
  readonly environment: string | undefined;
  readonly targets: readonly TargetGroup[];
}

/** Those of them in one target. */
export interface TargetGroup {
  /** `111111111111/eu-west-1` */
  readonly target: string;
  readonly stacks: readonly DrawnStack[];
}

/** Stacks by environment and target, each in the order of the first stack. */
export function groupsOf({ stacks }: Pick<Architecture, 'stacks'>): Group[] {
  return [...Map.groupBy(stacks, ({ environment }) => environment)].map(([environment, own]) => ({
    environment,
    targets: [...Map.groupBy(own, targetName)].map(([target, inTarget]) => ({ target, stacks: inTarget })),
  }));
}

/** The name of a stack where its environment and its target are said already: `Data` of `prod/Data-<target>`. */
export function shortName({ id, environment, account, region }: Omit<DrawnStack, 'kinds' | 'stackName'>): string {
  const within = environment !== undefined && id.startsWith(`${environment}/`) ? id.slice(environment.length + 1) : id;
  const ending = `-${account}-${region}`;
  return within.endsWith(ending) && within !== ending ? within.slice(0, -ending.length) : within;
}

/** `SQS Queue` for `AWS::SQS::Queue`, `Custom Site` for `Custom::Site`. */
export function kindName(type: string): string {
  return type.replace(/^AWS::(?=.)/, '').replaceAll('::', ' ');
}

export function resourceCount({ kinds }: Pick<DrawnStack, 'kinds'>): number {
  return kinds.reduce((sum, { count }) => sum + count, 0);
}

/** What serves other resources. It says least of what a stack is. */
const PLUMBING =
  /^AWS::(IAM|Logs)::|^AWS::Lambda::(Permission|LayerVersion|EventInvokeConfig)$|^Custom::|Policy$|Attachment$|Association$|^AWS::CloudFormation::/;

/** Kinds with those first that say most of what a stack is. */
export function tellingFirst(kinds: readonly Kind[]): Kind[] {
  return kinds.toSorted((a, b) => Number(PLUMBING.test(a.type)) - Number(PLUMBING.test(b.type)));
}

/**
 * The links that are worth a line: not those that follow from others. A stack that waits for one which waits for a
 * third waits for the third one, too; unless a value goes from one to the other, this says nothing.
 */
export function tellingLinks(links: readonly Link[]): Link[] {
  const needs = Map.groupBy(links, ({ from }) => from);
  const reached = new Map<string, ReadonlySet<string>>();
  /** All that a stack needs by way of others. */
  const beyond = (start: string): ReadonlySet<string> => {
    const known = reached.get(start);
    if (known !== undefined) return known;
    const found = new Set<string>();
    const left = (needs.get(start) ?? []).flatMap(({ to }) => (needs.get(to) ?? []).map((next) => next.to));
    while (left.length > 0) {
      const id = left.pop()!;
      if (found.has(id)) continue;
      found.add(id);
      for (const { to } of needs.get(id) ?? []) left.push(to);
    }
    reached.set(start, found);
    return found;
  };
  return links.filter(({ from, to, imports }) => {
    const far = beyond(from);
    // In a circle everything follows from everything.
    return imports.length > 0 || far.has(from) || !far.has(to);
  });
}
