import { admittedRoleArns } from './admitted-roles.ts';
import type { CiStep } from './ci-step.ts';
import type { Environments, Target } from './model.ts';
import type { BootstrapRole } from './roles.ts';

/**
 * A step runs one Nx target and nothing that comes before it, which another role has run. Without the output style, Nx
 * would show only what failed, and a log has to say what was deployed.
 */
export const ALONE = '--excludeTaskDependencies --outputStyle=static';

/** A step that may assume nothing. */
export function step(kind: CiStep['kind'], description: string): Omit<CiStep, 'commands'> {
  return { kind, name: kind, description, assumes: [], images: false };
}

/** The roles that publish: images have one of their own, if there are any. */
export function publishingRoles({ pipeline }: Environments): BootstrapRole[] {
  return pipeline.images ? ['file-publishing', 'image-publishing'] : ['file-publishing'];
}

/**
 * ARNs of the admitted roles of some kinds in some targets, each once.
 *
 * @param environment that has to have the targets. @default - any
 */
export function roleArns(
  environments: Environments,
  kinds: readonly BootstrapRole[],
  targets: readonly Target[],
  environment?: string,
): string[] {
  const arns = targets.flatMap((target) =>
    kinds.flatMap((kind) => admittedRoleArns(environments, kind, target, environment) ?? []),
  );
  return [...new Set(arns)];
}

/** An option of a command line, with a space before it; nothing without a value. */
export function option(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` --${name}=${value}`;
}
