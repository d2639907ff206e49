import type { Environments, Target } from '@libs/environments';
import { Failure } from '../failure/index.ts';
import type { BootstrapTarget } from './request.ts';

/** Which targets of a file are meant. */
export interface TargetChoice {
  /**
   * Name of one environment, or `ci`.
   * @default - the CI account's target and those of every environment
   */
  readonly environment?: string;
  /** Accounts that every target trusts beside the CI account. */
  readonly trust?: readonly string[];
}

/** Name under which the CI account's own target can be chosen, unless an environment has it. */
const CI = 'ci';

/**
 * The targets of an environments file, each account and region once. All but the CI account's trust the CI account; an
 * account need not be told to trust itself.
 *
 * @throws Failure `UnknownEnvironment` naming the ones there are; `ConflictingTarget` where one account and region is
 * asked to have two different sets of execution policies, since there is one bootstrap an account and region
 */
export async function targetsOfEnvironments(
  environments: Environments,
  choice: TargetChoice = {},
): Promise<BootstrapTarget[]> {
  const { adminRoleArn } = await import('@libs/environments');
  const { ci } = environments;
  const trusted = [ci.account, ...(choice.trust ?? [])];
  const every = [
    { label: CI, target: ci, executionPolicies: environments.executionPolicies },
    ...environments.environments.flatMap(({ name, targets, executionPolicies }) =>
      targets.map((target) => ({ label: name, target, executionPolicies })),
    ),
  ].map(({ label, target, executionPolicies }): BootstrapTarget & { labels: string[] } => ({
    label,
    labels: [label],
    account: target.account,
    region: target.region,
    access: accessOf(target, adminRoleArn(target)),
    trust: target.account === ci.account ? [] : trusted.filter((account) => account !== target.account),
    executionPolicies,
  }));
  const merged = merge(every, environments.file);
  if (choice.environment === undefined) return merged.map(withoutLabels);
  const chosen = merged.filter(({ labels }) => labels.includes(choice.environment!));
  if (chosen.length > 0) return chosen.map(withoutLabels);
  const names = [CI, ...environments.environments.map(({ name }) => name)];
  throw new Failure(
    'UnknownEnvironment',
    `${environments.file} has no environment "${choice.environment}": there are ${names.join(', ')}.`,
  );
}

function accessOf(target: Target, roleArn: string): BootstrapTarget['access'] {
  return {
    ...(target.adminProfile === undefined ? {} : { profile: target.adminProfile }),
    roleArn,
    roleIsChosen: target.adminRole !== undefined,
  };
}

type Labelled = BootstrapTarget & { readonly labels: string[] };

function merge(targets: readonly Labelled[], file: string): Labelled[] {
  const byPlace = new Map<string, Labelled>();
  for (const target of targets) {
    const place = `${target.account}/${target.region}`;
    const other = byPlace.get(place);
    if (other === undefined) {
      byPlace.set(place, target);
      continue;
    }
    if (!sameSet(other.executionPolicies ?? [], target.executionPolicies ?? [])) {
      throw new Failure(
        'ConflictingTarget',
        `${file}: ${other.label} and ${target.label} ask for different executionPolicies in ${place}, but an account and region has one bootstrap: give both the same.`,
      );
    }
    const labels = [...other.labels, target.label];
    // Whichever says how to get in is right for both.
    const access = isChosen(other) ? other.access : target.access;
    byPlace.set(place, { ...other, labels, label: [...new Set(labels)].join(', '), access });
  }
  return [...byPlace.values()];
}

function isChosen({ access }: BootstrapTarget): boolean {
  return access.profile !== undefined || access.roleIsChosen;
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return new Set([...one, ...other]).size === new Set(one).size && new Set(one).size === new Set(other).size;
}

function withoutLabels({ labels: _, ...target }: Labelled): BootstrapTarget {
  return target;
}
