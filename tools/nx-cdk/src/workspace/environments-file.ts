import { ENVIRONMENTS_FILE, type Environments, parseEnvironments, type Target } from '@nx-cdk/environments';
import type { Tree } from '@nx/devkit';
import { Failure } from '../failure/index.ts';
import { compactJson } from './compact-json.ts';

/** An environment as a generator is told of it. */
export interface NewEnvironment {
  readonly name: string;
  /** Whether a person is asked before a deployment. @default false */
  readonly approval?: boolean;
  /** The Nx target of apps that checks it after a deployment. @default none */
  readonly verify?: string;
  readonly targets: readonly Pick<Target, 'account' | 'region'>[];
}

/** What an environments file begins with. */
export interface NewEnvironments {
  readonly ci: Pick<Target, 'account' | 'region'>;
  readonly environments: readonly NewEnvironment[];
}

/** A file for somebody who has not said yet which accounts there are: the examples of the documentation. */
export const EXAMPLE_ENVIRONMENTS: NewEnvironments = {
  ci: { account: '123456789012', region: 'eu-west-1' },
  environments: [
    { name: 'staging', targets: [{ account: '111111111111', region: 'eu-west-1' }] },
    { name: 'prod', approval: true, targets: [{ account: '222222222222', region: 'eu-west-1' }] },
  ],
};

/** The repository of a pipeline, for somebody who has not said yet. No role may trust it: it may be anybody's. */
export const EXAMPLE_REPOSITORY = 'owner/name';

/**
 * What a person has said of the CI account and environments, in options of a generator, or else the example.
 *
 * @param known environments for somebody who has named none. @default those of the example
 * @throws Failure `Option`
 */
export function newEnvironments(
  options: { readonly ciAccount?: string; readonly environments?: string },
  known: readonly NewEnvironment[] = EXAMPLE_ENVIRONMENTS.environments,
): NewEnvironments {
  const [target] = parseTargets('ciAccount', options.ciAccount ?? '');
  const named = parseNewEnvironments('environments', options.environments ?? '');
  return { ci: target ?? EXAMPLE_ENVIRONMENTS.ci, environments: named.length > 0 ? named : known };
}

/**
 * Makes `environments.json`. One that is there stays as it is.
 *
 * @returns whether it was made
 * @throws EnvironmentsError if what it says is not possible
 */
export function makeEnvironmentsFile(tree: Tree, { ci, environments }: NewEnvironments): boolean {
  if (tree.exists(ENVIRONMENTS_FILE)) return false;
  const packages = tree.exists('package.json') ? '.' : './.nx/installation';
  const $schema = `${packages}/node_modules/@nx-cdk/environments/environments.schema.json`;
  const text = `${compactJson({ $schema, ci, environments })}\n`;
  parseEnvironments(text, ENVIRONMENTS_FILE);
  tree.write(ENVIRONMENTS_FILE, text);
  return true;
}

/**
 * Reads the `environments.json` of the workspace.
 *
 * @throws Failure `Option` if there is none, EnvironmentsError if it is wrong
 */
export function readEnvironmentsFile(tree: Tree): Environments {
  const text = tree.read(ENVIRONMENTS_FILE, 'utf8');
  if (text !== null) return parseEnvironments(text, ENVIRONMENTS_FILE);
  throw new Failure('Option', { what: `There is no ${ENVIRONMENTS_FILE}`, next: 'nx g nx-cdk:init makes one' });
}

/**
 * Targets as options name them: `111111111111/eu-west-1,111111111111/us-east-1`.
 *
 * @param option its name, for messages
 * @throws Failure `Option`
 */
export function parseTargets(option: string, value: string): Pick<Target, 'account' | 'region'>[] {
  return partsOf(value).map((part) => {
    const [, account, region] = /^(\d{12})\/([a-z]{2}(?:-[a-z0-9]+)+)$/.exec(part) ?? [];
    if (account !== undefined && region !== undefined) return { account, region };
    const next = 'write an account of 12 digits and a region, such as 111111111111/eu-west-1';
    throw new Failure('Option', { what: `--${option} names "${part}"`, next });
  });
}

/**
 * Environments in promotion order, as options name them: `staging=111111111111/eu-west-1,prod=222222222222/eu-west-1`.
 * One that is named twice has two targets. If there are several, a person is asked before the last one.
 *
 * @param option its name, for messages
 * @throws Failure `Option`
 */
export function parseNewEnvironments(option: string, value: string): NewEnvironment[] {
  const targets = new Map<string, NewEnvironment['targets']>();
  for (const part of partsOf(value)) {
    const [name = '', target = ''] = part.split('=');
    targets.set(name, [...(targets.get(name) ?? []), ...parseTargets(option, target || part)]);
  }
  const last = [...targets.keys()].at(-1);
  return [...targets].map(([name, its]) => ({
    name,
    ...(targets.size > 1 && name === last && { approval: true }),
    targets: its,
  }));
}

function partsOf(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
