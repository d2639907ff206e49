import {
  admittedRoleArns,
  type BootstrapRole,
  type Environments,
  garbageRoleArn,
  hotswapRoleArn,
  partitionOf,
  roleField,
  roleNameIn,
  type Target,
  targetName,
} from '@nx-cdk/environments';
import { Failure } from '../failure/index.ts';

/**
 * What a role is for. No assembly names the last three: `admin` is that of bootstrapping, which the environments file
 * names, `garbage` that of `nx gc`, and `hotswap` that of `nx dev`.
 */
export type RoleKind = BootstrapRole | 'admin' | 'garbage' | 'hotswap';

/** A role as it is about to be used: no placeholder is left. */
export interface WantedRole {
  readonly kind: RoleKind;
  /** The region whose role it is. Requests may go to another region of its account. */
  readonly region: string;
  readonly arn: string;
  readonly externalId?: string;
  /** Further parameters of `AssumeRole`. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A role as an assembly names it, placeholders unresolved. */
export type NamedRole = Omit<WantedRole, 'kind' | 'region'>;

/** Why something may not be used: a clause that goes on after its name, and the way out. */
export interface Refusal {
  readonly reason: string;
  readonly next: string;
}

/** Decides which roles are used. Every session of a role goes through it, see `create-aws.ts`. */
export interface Admission {
  /** Why a role may not be used for a target in an account; undefined if it may. */
  refusal(role: WantedRole, account: string): Refusal | undefined;
  /** Whether the environments that were asked for have such a target; true if no file says which there are. */
  hasTarget(target: Target): boolean;
}

/** What an admission follows from. Nothing of it comes from an assembly. */
export interface AdmissionSource {
  /** Names the targets, and further roles. @default - any target, and the roles of any bootstrap there */
  readonly environments?: Environments;
  /** Only this environment. @default - all of them, and the CI account */
  readonly environment?: string;
  /** Names of further roles in the account of each target, with CDK's placeholders. @default [] */
  readonly names?: readonly string[];
}

/**
 * Parameters of `AssumeRole` that an assembly may give: they label a session, or let it do less. Not those that claim
 * who the caller is (`SourceIdentity`, `ProvidedContexts`, `SerialNumber`, `TokenCode`)
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
 */
const OPTIONS = ['DurationSeconds', 'Policy', 'PolicyArns', 'RoleSessionName', 'Tags', 'TransitiveTagKeys'];

const WORDS: Readonly<Record<BootstrapRole, string>> = {
  deploy: 'deploy role',
  'file-publishing': 'publishing role for files',
  'image-publishing': 'publishing role for images',
  lookup: 'lookup role',
  'cfn-exec': 'execution role',
};

const NO_HOTSWAP: Refusal = {
  reason: 'is no hotswap role of the environment that was asked for',
  next: 'set "development": true for one environment in the environments file, and name it with --environment',
};

const NO_GARBAGE_ROLE: Refusal = {
  reason: 'is not the role for garbage of the environments that were asked for',
  next: 'set "garbageCollection": true in the environments file, and deploy required-resources',
};

/** How the name of a bootstrap role begins; qualifiers as the bootstrap template takes them. */
const OF_ANY_BOOTSTRAP = /^cdk-[A-Za-z0-9_-]{1,10}$/;

/** Admits the roles of each kind that bootstrapping makes in the targets, and those that the workspace names. */
export function admissionOf({ environments, environment, names = [] }: AdmissionSource = {}): Admission {
  // Stacks and assets of a target ask the same question.
  const known = new Map<string, readonly string[] | undefined>();
  const arnsOf = (kind: BootstrapRole, target: Target) => {
    const key = `${kind} ${targetName(target)}`;
    if (!known.has(key)) known.set(key, admittedRoleArns(environments!, kind, target, environment));
    return known.get(key);
  };

  /** Whether an ARN is that of a role of the kind in a target. */
  const fits = (kind: BootstrapRole, arn: string, target: Target): boolean => {
    const prefix = `arn:${partitionOf(target.region)}:iam::${target.account}:role/`;
    if (!arn.startsWith(prefix)) return false;
    const name = arn.slice(prefix.length);
    if (names.some((one) => roleNameIn(target, one) === name)) return true;
    if (environments !== undefined) return arnsOf(kind, target)?.includes(arn) === true;
    const suffix = `-${kind}-role-${target.account}-${target.region}`;
    return name.endsWith(suffix) && OF_ANY_BOOTSTRAP.test(name.slice(0, -suffix.length));
  };

  /** Whether it is the hotswap role of a target of the one environment that was asked for, which is for development. */
  const isForHotswaps = (arn: string, target: Target): boolean =>
    environments?.environments.some(
      ({ name, development, approval, targets }) =>
        name === environment &&
        development === true &&
        !approval &&
        targets.some((one) => targetName(one) === targetName(target)) &&
        arn === hotswapRoleArn(environments, target),
    ) === true;

  /** Whether it is the role for garbage of an account in which an environment that was asked for has a target. */
  const isForGarbage = (arn: string, target: Target): boolean =>
    environments?.garbageCollection === true &&
    arn === garbageRoleArn(environments, target) &&
    environments.environments.some(
      ({ name, targets }) =>
        (environment === undefined || name === environment) &&
        targets.some(({ account }) => account === target.account),
    );

  const hasTarget = (target: Target) => environments === undefined || arnsOf('deploy', target) !== undefined;

  return {
    hasTarget,
    refusal({ kind, region, arn, options = {} }, account) {
      if (kind === 'admin') return undefined;
      const wrong = Object.keys(options).find((name) => !OPTIONS.includes(name));
      if (wrong !== undefined) {
        const next = `an app may give ${OPTIONS.join(', ')}: leave the others out`;
        return { reason: `would be assumed with the parameter ${wrong}`, next };
      }
      if (kind === 'hotswap') return isForHotswaps(arn, { account, region }) ? undefined : NO_HOTSWAP;
      if (kind === 'garbage') return isForGarbage(arn, { account, region }) ? undefined : NO_GARBAGE_ROLE;
      if (fits(kind, arn, { account, region })) return undefined;
      const field = environments && `"${roleField(kind)}" in ${environments.file}`;
      return {
        reason: `is no ${WORDS[kind]} of ${account}/${region} that may be used`,
        next: `correct the app's synthesizer, or name the role in ${field ?? 'the option admitRoles'}`,
      };
    },
  };
}

/**
 * @param named how the place that names the role says it, such as `manifest.json: assumeRoleArn of Data`.
 * @default - nobody says it
 */
export function roleNotAdmitted(
  { arn }: WantedRole,
  { reason, next }: Refusal,
  subject?: string,
  named?: string,
): Failure {
  const what = named === undefined ? `${arn} ${reason}` : `${named} is ${arn}, which ${reason}`;
  return new Failure('RoleNotAdmitted', { subject, what, next });
}
