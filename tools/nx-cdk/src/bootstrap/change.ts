import { targetName } from '@libs/environments';
import { Failure } from '../failure/index.ts';
import type { BootstrapRequest, BootstrapTarget } from './request.ts';
import type { TemplateFacts } from './template-version.ts';
import { type FoundToolkitStack, type ToolkitStack, qualifierOf } from './toolkit-stack.ts';

/** What has to be changed in one target. */
export interface BootstrapChange {
  readonly action: 'create' | 'update' | 'nothing';
  readonly toolkitStackName: string;
  /** Which template is deployed: the installed toolkit's, or once more the one that is there. */
  readonly template: 'toolkit' | 'deployed';
  /** Whether that template lets the deploy role read image digests; one of another variant stays as it is. */
  readonly readsImages: boolean;
  /** Undefined: left as it is, or the template's default for a new stack. */
  readonly trust: readonly string[] | undefined;
  readonly executionPolicies: readonly string[] | undefined;
  /** The parameters there are, of which the toolkit has to be told again those that it would otherwise reset. */
  readonly existing: Readonly<Record<string, string>>;
  /** What differs, one line each, for people. */
  readonly differences: readonly string[];
  /** Accounts that are trusted now and would not be any more. */
  readonly removedTrust: readonly string[];
}

/** States in which a stack is what its last successful update made it. */
const GOOD = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

/**
 * Compares a target with what is there.
 *
 * @param template what the installed toolkit would deploy; undefined if that is not known, then everything goes through
 * the toolkit
 * @param canReadImages false if the template has no place for the permission to read image digests
 * @throws Failure `OtherQualifier`, `NoExecutionPolicies` if the toolkit would do harm, or refuse
 */
export function changeOf(
  target: BootstrapTarget,
  request: BootstrapRequest,
  stack: ToolkitStack,
  template: TemplateFacts | undefined,
  { canReadImages = true }: { readonly canReadImages?: boolean } = {},
): BootstrapChange {
  const { found, name } = stack;
  const existing = found?.parameters ?? {};
  const where = targetName(target);
  const trusted = new Set([...list(existing['TrustedAccounts']), ...list(existing['TrustedAccountsForLookup'])]);
  const trust =
    target.trust === undefined ? undefined : [...new Set([...target.trust, ...(request.keepTrust ? trusted : [])])];
  const removedTrust = trust === undefined ? [] : [...trusted].filter((account) => !trust.includes(account));
  const hasPolicies = list(existing['CloudFormationExecutionPolicies']).length > 0;
  const executionPolicies = target.executionPolicies ?? (hasPolicies ? undefined : target.initialExecutionPolicies);
  requirePolicies(executionPolicies, trust, existing, where);

  const keepsOther = found !== undefined && !request.force && isOtherVariant(found, template);
  const readsImages = canReadImages && !keepsOther;
  const differences = [
    ...(found !== undefined && !GOOD.has(found.status) ? [`its stack ${name} is in ${found.status}`] : []),
    ...(found !== undefined &&
    template !== undefined &&
    found.version < template.version &&
    !keepsTemplate(found, template)
      ? [`version ${found.version} -> ${template.version}`]
      : []),
    ...changed('trust', existing['TrustedAccounts'], trust),
    ...changed('lookup trust', existing['TrustedAccountsForLookup'], trust),
    ...changed('execution policies', existing['CloudFormationExecutionPolicies'], executionPolicies),
    ...(readsImages && !found?.readsImages ? ['deploy role may read image digests'] : []),
  ];
  const change = {
    toolkitStackName: name,
    template: 'toolkit' as const,
    readsImages,
    trust,
    executionPolicies,
    existing,
    removedTrust,
  };
  if (found === undefined)
    return { ...change, action: 'create', differences: ['not bootstrapped yet', ...differences] };
  refuseOtherQualifier(found, name, request, where);
  const known = template !== undefined;
  if (known && differences.length === 0 && !request.force) return { ...change, action: 'nothing', differences };
  if (!known || request.force || !keepsTemplate(found, template)) return { ...change, action: 'update', differences };
  return {
    ...change,
    action: 'update',
    template: 'deployed',
    differences: [...differences, `keeping its template, version ${found.version}`],
  };
}

/** The toolkit says the same, but by the name of an option of its own. */
function requirePolicies(
  wanted: readonly string[] | undefined,
  trust: readonly string[] | undefined,
  existing: Readonly<Record<string, string>>,
  where: string,
): void {
  const policies = wanted ?? list(existing['CloudFormationExecutionPolicies']);
  if ((trust ?? list(existing['TrustedAccounts'])).length === 0 || policies.length > 0) return;
  throw new Failure('NoExecutionPolicies', {
    what: `${where} shall trust ${(trust ?? []).join(', ')}, but nothing says what CloudFormation may do there`,
    next: 'name the policies with --executionPolicies',
  });
}

function refuseOtherQualifier(found: FoundToolkitStack, name: string, request: BootstrapRequest, where: string): void {
  if (qualifierOf(found) === request.qualifier) return;
  throw new Failure('OtherQualifier', {
    what: `The stack ${name} of ${where} holds the bootstrap of qualifier ${qualifierOf(found)}, and changing it to ${request.qualifier} would delete the roles and the bucket of every app that uses it`,
    next: 'leave --toolkitStackName out or choose another name',
  });
}

/**
 * The toolkit refuses to go back to an older template, or to another one than the account's own, and calls doing
 * nothing a success. Trust and policies are parameters, though: they can be changed and the template kept.
 */
function keepsTemplate(found: FoundToolkitStack, template: TemplateFacts): boolean {
  return isOtherVariant(found, template) || found.version > template.version;
}

function isOtherVariant(
  { parameters: { BootstrapVariant: variant } }: FoundToolkitStack,
  template: TemplateFacts | undefined,
): boolean {
  return variant !== undefined && template?.variant !== undefined && variant !== template.variant;
}

/** `trust +111111111111 -222222222222`, or nothing. */
function changed(what: string, before: string | undefined, after: readonly string[] | undefined): string[] {
  if (after === undefined) return [];
  const now = list(before);
  const more = after.filter((value) => !now.includes(value)).map((value) => `+${value}`);
  const less = now.filter((value) => !after.includes(value)).map((value) => `-${value}`);
  return more.length + less.length === 0 ? [] : [`${what} ${[...more, ...less].join(' ')}`];
}

/** A CommaDelimitedList as CloudFormation gives it back. */
function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
