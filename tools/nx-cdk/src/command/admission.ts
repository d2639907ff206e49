import { resolve } from 'node:path';
import { type DeploymentEnvironment, type Environments, targetName } from '@nx-cdk/environments';
import type { AssemblyStack, RoleReference, Target } from '../assembly/index.ts';
import { type Admission, admissionOf, requireAdmitted, type ResolvedTarget, type RoleKind } from '../aws/index.ts';
import { ENVIRONMENTS_CONTEXT, readCdkJson } from '../cdk-json/index.ts';
import { Failure } from '../failure/index.ts';

/** Options that say which roles an executor may use. */
export interface AdmissionOptions {
  /** The environments file, relative to the workspace root. @default - an app without environments */
  readonly environmentsFile?: string;
  /** Only this environment. */
  readonly environment?: string;
  /** Names of further roles in the account of each target. */
  readonly admitRoles?: readonly string[] | string;
}

/**
 * Which roles an executor may use: as the environments file and its options say it.
 *
 * @param projectRoot the `cdk.json` there names the file, if no option does
 * @param read reads an environments file
 */
export function admissionBy(
  options: AdmissionOptions,
  projectRoot: string,
  read: (file: string) => Environments,
): Admission {
  const { environmentsFile: file = fileOfApp(projectRoot), environment, admitRoles = [] } = options;
  const names = [admitRoles].flat().flatMap((name) => name.split(','));
  return admissionOf({ ...(file !== undefined && { environments: read(file), environment }), names });
}

/** The environments file that an app names; undefined if it names none, or has no `cdk.json` that can be read. */
function fileOfApp(projectRoot: string): string | undefined {
  try {
    const named = readCdkJson(projectRoot).context?.[ENVIRONMENTS_CONTEXT];
    return typeof named === 'string' ? resolve(projectRoot, named) : undefined;
  } catch {
    return undefined;
  }
}

/** What stacks are admitted by. */
export interface StackAdmission {
  readonly admission: Admission;
  /** Which environments there are. @default - the app has none */
  readonly environments?: Environments;
  /** Fills in an account or a region that an assembly leaves open. */
  readonly resolve: (target: Target) => Promise<ResolvedTarget>;
}

/**
 * Checks where stacks and their assets go, and all roles that their manifests name, whichever of them a step needs: the
 * CDK toolkit assumes some by itself. Nothing is assumed or changed before.
 *
 * @returns the targets, `account/region`
 * @throws Failure `TargetNotAdmitted` or `RoleNotAdmitted` naming the manifest, the stack or asset, and the field
 */
export async function admitStacks(stacks: readonly AssemblyStack[], by: StackAdmission): Promise<string[]> {
  const targets = new Set<string>();
  const seen = new Map<string | undefined, Set<object>>();
  for (const stack of stacks) {
    const { id, manifestFile, deployRole, lookupRole, executionRoleArn: arn } = stack;
    const place = { subject: id, manifestFile };
    const own = environmentOf(id, by.environments?.environments ?? []);
    const target = await admitTarget(place, stack.target, own, by);
    targets.add(targetName(target));
    admitRole(place, 'deploy', 'assumeRoleArn', deployRole, target, by);
    admitRole(place, 'cfn-exec', 'cloudFormationExecutionRoleArn', arn === undefined ? arn : { arn }, target, by);
    admitRole(place, 'lookup', 'lookupRole.arn', lookupRole, target, by);
    const files = stack.files.map((asset) => ({ asset, kind: 'file-publishing' }) as const);
    const images = stack.images.map((asset) => ({ asset, kind: 'image-publishing' }) as const);
    for (const { asset, kind } of [...files, ...images]) {
      // Many stacks share an asset, but it may be of a target of one of their environments only.
      const known = seen.get(own?.name) ?? new Set();
      seen.set(own?.name, known);
      if (known.has(asset)) continue;
      known.add(asset);
      const at = { subject: asset.displayName ?? asset.assetId, manifestFile: asset.manifestFile };
      const there = await admitTarget(at, asset.target, own, by);
      admitRole(at, kind, 'assumeRoleArn', asset.role, there, by);
    }
  }
  return [...targets];
}

/** The environment of a stack: the stage that it is in has the name. @returns undefined for a stack of none */
export function environmentOf(
  stackId: string,
  environments: readonly DeploymentEnvironment[],
): DeploymentEnvironment | undefined {
  return environments.find(({ name }) => stackId.startsWith(`${name}/`));
}

interface Place {
  readonly subject: string;
  readonly manifestFile: string;
}

async function admitTarget(
  { subject, manifestFile }: Place,
  given: Target,
  own: DeploymentEnvironment | undefined,
  { admission, environments, resolve: resolveTarget }: StackAdmission,
): Promise<ResolvedTarget> {
  const target = await resolveTarget(given);
  if (environments === undefined) return target;
  const isThere = own?.targets.some((one) => targetName(one) === targetName(target)) ?? admission.hasTarget(target);
  if (isThere) return target;
  const where = own === undefined ? 'an account and region that no environment has' : `no target of ${own.name}`;
  const what = `${manifestFile} sends it to ${targetName(target)}, which is ${where}`;
  const next = `correct the app, or add it to the targets in ${environments.file}`;
  throw new Failure('TargetNotAdmitted', { subject, what, next });
}

function admitRole(
  { subject, manifestFile }: Place,
  kind: RoleKind,
  field: string,
  role: RoleReference | undefined,
  target: ResolvedTarget,
  { admission }: StackAdmission,
): void {
  requireAdmitted(admission, target, kind, role, { subject, named: `${field} in ${manifestFile}` });
}
