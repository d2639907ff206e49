import type { Environments, NamedRoles, Target } from './model.ts';
import { targetName } from './pipeline-names.ts';
import { type BootstrapRole, bootstrapRoleArn, roleArn } from './roles.ts';

/** Where the file names further roles of each kind. */
const FIELDS: Readonly<Record<BootstrapRole, Exclude<keyof NamedRoles, 'qualifiers' | 'buckets'>>> = {
  deploy: 'deploy',
  'file-publishing': 'filePublishing',
  'image-publishing': 'imagePublishing',
  lookup: 'lookup',
  'cfn-exec': 'execution',
};

/** ARNs of the roles of a kind in a target that an environment names besides those of the bootstrap. */
export function namedRoleArns(roles: NamedRoles, kind: BootstrapRole, target: Target): string[] {
  return (roles[FIELDS[kind]] ?? []).map((name) => roleArn(target, roleNameIn(target, name)));
}

/** The field of the environments file that names roles of a kind, such as `roles.deploy`. */
export function roleField(kind: BootstrapRole): string {
  return `roles.${FIELDS[kind]}`;
}

/**
 * ARNs of the roles of a kind that may be used in a target: those of the bootstrap, and those that the file names.
 *
 * @param environment only its targets count. @default - those of all environments, and the CI account's
 * @returns undefined if it is no such target
 */
export function admittedRoleArns(
  { ci, qualifier, roles: general, environments }: Environments,
  kind: BootstrapRole,
  target: Target,
  environment?: string,
): string[] | undefined {
  const wanted = targetName(target);
  const isThere = (one: Target) => targetName(one) === wanted;
  const named = environments
    .filter(({ name, targets }) => (environment === undefined || name === environment) && targets.some(isThere))
    .map(({ roles }) => roles);
  if (environment === undefined && isThere(ci)) named.push(general);
  if (named.length === 0) return undefined;
  const arns = named.flatMap((own) => [
    ...[qualifier, ...(own.qualifiers ?? [])].map((one) => bootstrapRoleArn(kind, target, one)),
    ...namedRoleArns(own, kind, target),
  ]);
  return [...new Set(arns)];
}

/** The name of a role in a target, with the account and region in place of CDK's placeholders. */
export function roleNameIn({ account, region }: Target, name: string): string {
  return name.replaceAll('${AWS::AccountId}', account).replaceAll('${AWS::Region}', region);
}
