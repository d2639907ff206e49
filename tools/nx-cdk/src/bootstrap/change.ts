import { targetName } from '@nx-cdk/environments';
import { Failure } from '../failure/index.ts';
import type { BootstrapRequest, BootstrapTarget } from './request.ts';
import { type FoundToolkitStack, type ToolkitStack, qualifierOf } from './toolkit-stack.ts';

/** What distinguishes bootstrap templates. */
export interface TemplateFacts {
  readonly version: number;
  /** Who made the template; the toolkit refuses to overwrite one variant with another. */
  readonly variant: string | undefined;
}

/** What has to be changed in one target. */
export interface BootstrapChange {
  readonly action: 'create' | 'update' | 'nothing';
  readonly toolkitStackName: string;
  /** Which template is deployed: that of the installed toolkit, or again the one that is there. */
  readonly template: 'toolkit' | 'deployed';
  /** Whether that template lets the deploy role read image digests; one of another variant stays as it is. */
  readonly readsImages: boolean;
  /** Undefined: left as it is, or the template's default for a new stack. */
  readonly trust: readonly string[] | undefined;
  readonly executionPolicies: readonly string[] | undefined;
  /** Parameters of the stack; the toolkit would reset some of them. */
  readonly existing: Readonly<Record<string, string>>;
  /** What differs, one line each, for people. */
  readonly differences: readonly string[];
  /** Accounts that lose the trust they have. */
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
 * The toolkit refuses to go back to an older template, or to one of another variant, and calls doing nothing a success.
 * Trust and policies are parameters, though: they are changed, and the template is kept.
 *
 * @param template what the installed toolkit would deploy; undefined if that is not known, then everything goes through
 * the toolkit
 * @param options `canReadImages`: false if the template has no place for the permission to read image digests;
 * `repairs`: what was changed by hand and has to be mended, one line each
 * @throws Failure `OtherQualifier`, `NoExecutionPolicies` if the toolkit would do harm, or refuse
 */
export function changeOf(
  target: BootstrapTarget,
  request: BootstrapRequest,
  { found, name, remains }: ToolkitStack,
  template: TemplateFacts | undefined,
  {
    canReadImages = true,
    repairs = [],
  }: { readonly canReadImages?: boolean; readonly repairs?: readonly string[] } = {},
): BootstrapChange {
  const existing = found?.parameters ?? {};
  const { TrustedAccounts, TrustedAccountsForLookup, CloudFormationExecutionPolicies } = existing;
  const trusted = [...new Set([...list(TrustedAccounts), ...list(TrustedAccountsForLookup)])];
  const trust = target.trust && [...new Set([...target.trust, ...(request.keepTrust ? trusted : [])])];
  const policies = list(CloudFormationExecutionPolicies);
  const initial = policies.length === 0 ? target.initialExecutionPolicies : undefined;
  const executionPolicies = target.executionPolicies ?? initial;
  const trusts = (trust ?? list(TrustedAccounts)).length > 0;
  if (trusts && (executionPolicies ?? policies).length === 0) throw noPolicies(target, trust ?? []);

  const forced = request.force === true;
  const isOther = found !== undefined && isOtherVariant(found, template);
  const readsImages = canReadImages && (forced || !isOther);
  const isOlder = found !== undefined && template !== undefined && found.version < template.version;
  const differences = [
    ...(found === undefined ? ['not bootstrapped yet'] : []),
    ...(remains ? [`its stack ${name} is in ${remains} and is deleted first`] : []),
    ...repairs,
    ...(found !== undefined && !GOOD.has(found.status) ? [`its stack ${name} is in ${found.status}`] : []),
    ...(isOlder && !isOther ? [`version ${found.version} -> ${template.version}`] : []),
    ...changed('trust', TrustedAccounts, trust),
    ...changed('lookup trust', TrustedAccountsForLookup, trust),
    ...changed('execution policies', CloudFormationExecutionPolicies, executionPolicies),
    ...(readsImages && !found?.readsImages ? ['deploy role may read image digests'] : []),
  ];
  const change = {
    action: 'update',
    toolkitStackName: name,
    template: 'toolkit',
    readsImages,
    trust,
    executionPolicies,
    existing,
    differences,
    removedTrust: trust === undefined ? [] : trusted.filter((account) => !trust.includes(account)),
  } as const;
  if (found === undefined) return { ...change, action: 'create' };
  refuseOtherQualifier(found, name, target);
  if (template === undefined || forced) return change;
  if (differences.length === 0) return { ...change, action: 'nothing' };
  if (!isOther && found.version <= template.version) return change;
  const kept = `keeping its template, version ${found.version}`;
  return { ...change, template: 'deployed', differences: [...differences, kept] };
}

/** The toolkit says the same, but by the name of an option of its own. */
function noPolicies(target: BootstrapTarget, trust: readonly string[]): Failure {
  const what = `${targetName(target)} shall trust ${trust.join(', ')}, but nothing says what CloudFormation may do there`;
  return new Failure('NoExecutionPolicies', { what, next: 'name the policies with --executionPolicies' });
}

function refuseOtherQualifier(found: FoundToolkitStack, name: string, target: BootstrapTarget): void {
  const { qualifier } = target;
  const other = qualifierOf(found);
  if (other === qualifier) return;
  throw new Failure('OtherQualifier', {
    what: `The stack ${name} of ${targetName(target)} holds the bootstrap of qualifier ${other}, and changing it to ${qualifier} would delete the roles and the bucket of every app that uses it`,
    next: 'leave --toolkitStackName out or choose another name',
  });
}

export function isOtherVariant(
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
function list(value = ''): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
