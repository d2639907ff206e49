import { type DeploymentEnvironment, type Environments, isInstanceName } from '@nx-cdk/environments';
import { git } from '@nx-cdk/processes';
import type { AssemblyStack } from '../assembly/index.ts';
import { type InstanceFacts, ownerOfInstance, type StackOwner } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import type { AdmissionOptions } from './admission.ts';
import { ownerOf } from './owner.ts';

/** Options by which an executor says which instance of an environment it is about. */
export interface InstanceOptions {
  /** Name of the instance. */
  readonly instance?: string;
  /** In how much time it expires: a number and `h`, `d` or `w`. @default - never */
  readonly expires?: string;
  /** The commit that is deployed. @default - the one that is checked out */
  readonly commit?: string;
}

/** An instance that an executor is about. */
export interface ChosenInstance {
  readonly environment: DeploymentEnvironment;
  readonly name: string;
}

/**
 * The instance that an executor is about; undefined if it is about what exists once.
 *
 * @param environments @default - the app names no environments file
 * @throws Failure `BadInstance` if there can be no such instance, or an environment with instances is meant and none
 * is named
 */
export function chosenInstance(
  { environment: name, instance: given }: InstanceOptions & Pick<AdmissionOptions, 'environment'>,
  environments: Environments | undefined,
): ChosenInstance | undefined {
  const environment = environments?.environments.find((one) => one.name === name);
  if (given === undefined && !environment?.instances) return undefined;
  if (given === undefined) {
    const what = `The environment ${name} exists many times, and nobody says which instance is meant`;
    throw new Failure('BadInstance', {
      what,
      next: 'give --instance=<name>: in a CI, and without a name in git, there is no default',
    });
  }
  // Nx makes a number of what looks like one.
  const instance = String(given);
  if (!environment?.instances) {
    const others = environments?.environments.filter(({ instances }) => instances) ?? [];
    const names = others.map((one) => one.name).join(', ');
    throw new Failure('BadInstance', {
      what: `--instance=${instance} is given, and ${name === undefined ? 'no environment' : `the environment ${name} exists only once`}`,
      next: names === '' ? 'set "instances": true for an environment' : `name one that has instances: ${names}`,
    });
  }
  if (isInstanceName(instance)) return { environment, name: instance };
  const next = 'lower-case letters, digits and dashes between them are all it may have, at most 20';
  throw new Failure('BadInstance', { what: `--instance is "${instance}"`, next });
}

/**
 * Checks that the stacks of an instance are not those of another one.
 *
 * @throws Failure `OtherInstance` if the name of a stack does not hold that of the instance
 */
export function requireInstanceNames(stacks: readonly AssemblyStack[], { name, environment }: ChosenInstance): void {
  const stray = stacks.find(({ stackName }) => !`-${stackName}-`.toLowerCase().includes(`-${name}-`));
  if (stray === undefined) return;
  throw new Failure('OtherInstance', {
    subject: stray.id,
    what: `its name ${stray.stackName} does not hold that of the instance ${name}, so all instances would be this one stack`,
    next: `let the app call its stage as environmentsOf(app) of @nx-cdk/environments says (stageName: ${environment.name}-${name}), and its stacks after that`,
  });
}

/** Milliseconds. */
const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Longer ones are a mistake. */
const LONGEST = 366 * UNITS['d']!;

/** `3d` in milliseconds. @throws Failure `BadOption` */
export function lifetime(expires: string): number {
  const [, count, unit] = /^(\d{1,4})([hdw])$/.exec(expires) ?? [];
  const milliseconds = Number(count) * (UNITS[unit ?? ''] ?? NaN);
  if (milliseconds > 0 && milliseconds <= LONGEST) return milliseconds;
  const next = 'give a number and h, d or w, such as 12h, 3d or 2w; at most a year';
  throw new Failure('BadOption', { what: `--expires is "${expires}"`, next });
}

/**
 * The owner of the stacks of an instance: what the names of its change sets say.
 *
 * @throws Failure `BadInstance` if the workspace has no name: then nobody could find them again
 */
export async function instanceOwner(
  owner: StackOwner | undefined,
  { name }: ChosenInstance,
  { expires, commit }: InstanceOptions,
  workspaceRoot: string,
  now = Date.now(),
): Promise<StackOwner> {
  const known = commit ?? (await checkedOut(workspaceRoot));
  if (known !== undefined && !/^[0-9a-f]{12,64}$/.test(known)) {
    const next = 'give at least the first 12 digits of a commit';
    throw new Failure('BadOption', { what: `--commit is "${known}"`, next });
  }
  const facts: InstanceFacts = {
    instance: name,
    ...(expires !== undefined && { expiresAt: now + lifetime(expires) }),
    ...(known !== undefined && { commit: known }),
  };
  return ownerOfInstance(requireOwner(owner), facts);
}

/** @throws Failure `BadInstance` */
function requireOwner(owner: StackOwner | undefined): StackOwner {
  if (owner !== undefined) return owner;
  const what = 'The workspace has no name, so nobody could tell its instances from those of other workspaces';
  throw new Failure('BadInstance', { what, next: 'give the package.json of the workspace a "name"' });
}

/** Options by which an executor says whose instances it is about. */
interface InstancesOptions {
  readonly environmentsFile?: string;
  /** Only those of this environment. */
  readonly environment?: string;
}

/** What says it. */
interface InstancesSource {
  readonly workspaceRoot: string;
  readonly projectName: string;
  readonly environments: (file?: string) => Environments;
}

/**
 * The environments with instances, and the app whose instances they are.
 *
 * @throws Failure `BadInstance` if there are none, or nobody could tell them from others; `EnvironmentsError`
 */
export function instancesOf(
  { environmentsFile, environment }: InstancesOptions,
  { workspaceRoot, projectName, environments: read }: InstancesSource,
) {
  const file = read(environmentsFile);
  const environments = file.environments.filter(
    ({ name, instances }) => instances && (environment === undefined || name === environment),
  );
  const owner = requireOwner(ownerOf(workspaceRoot, projectName));
  if (environments.length > 0) return { file, environments, owner };
  const what = `${environment === undefined ? 'No environment' : `The environment ${environment}`} of ${file.file} has instances`;
  throw new Failure('BadInstance', { what, next: 'set "instances": true for one' });
}

async function checkedOut(folder: string): Promise<string | undefined> {
  const { code, stdout } = await git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  return code === 0 ? stdout.trim() : undefined;
}
