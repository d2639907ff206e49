import { type Assembly, list, readPluginReports } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { count, type Listener, Run, type RunEnd } from '../progress/index.ts';
import { annotationFindings } from './annotation-findings.ts';
import type { AcceptedFinding, Finding, Severity } from './finding.ts';
import { guardFindings } from './guard.ts';
import { pluginFindings } from './plugin-findings.ts';

/** What to validate. */
export interface ValidateRequest {
  readonly assembly: Assembly;
  /** Ids of the chosen stacks. */
  readonly stacks: readonly string[];
  /** Absolute paths of rules of CloudFormation Guard. @default none */
  readonly rules?: readonly string[];
  /** Whether a warning fails it, too. @default false */
  readonly failOnWarnings?: boolean;
  /** Whether nobody is there to see that something was not checked. */
  readonly ci: boolean;
  /** Variables of this process. */
  readonly env: NodeJS.ProcessEnv;
}

/** What was found. Plain data. */
export interface ValidateReport extends RunEnd {
  /** The worst first; of the same severity, by stack, construct and rule. */
  readonly findings: readonly Finding[];
  /** What the app has accepted, with its reasons. */
  readonly accepted: readonly AcceptedFinding[];
  /** What was not checked, as sentences. */
  readonly notChecked: readonly string[];
}

const ORDER: readonly Severity[] = ['error', 'warning', 'info'];

/**
 * Gathers what is found in an assembly: by CDK and the validation plugins of the app when it was synthesized, by its
 * constructs, and by rules for templates. No AWS is asked.
 *
 * @throws Failure `BrokenAssembly`, `NoGuard` in a CI if the program that checks rules is not installed, and as
 * `guardFindings` does
 */
export async function validate(
  request: ValidateRequest,
  { listener, signal }: { readonly listener: Listener; readonly signal?: AbortSignal },
): Promise<ValidateReport> {
  const { assembly, rules = [], ci, env, failOnWarnings = false } = request;
  const stacks = assembly.stacks.filter(({ id }) => request.stacks.includes(id));
  const run = new Run({
    listener,
    action: 'validate',
    subject: count(stacks.length, 'stack'),
    noun: 'stack',
    items: 0,
    signal,
  });
  const reports = readPluginReports(assembly.directory);
  const { findings: ofPlugins, accepted } = pluginFindings(reports, stacks, assembly.stacks);
  const ofGuard = rules.length === 0 ? [] : await guardFindings({ stacks, rules, env, signal });
  if (ofGuard === undefined && ci) throw noGuard(rules);
  const notChecked = ofGuard === undefined ? [`${noGuard(rules).what}: they were not checked`] : [];
  for (const text of notChecked) listener({ type: 'message', level: 'warning', text });
  const found = [...ofPlugins, ...annotationFindings(stacks, reports), ...(ofGuard ?? [])];
  const findings = found.toSorted((a, b) => compare(keyOf(a), keyOf(b)));
  const failing = findings.filter(({ severity }) => severity === 'error' || (failOnWarnings && severity === 'warning'));
  const end = run.finish(summaryOf(findings, accepted, stacks.length), failing.length === 0);
  return { ...end, success: end.success && !end.interrupted, findings, accepted, notChecked };
}

function noGuard(rules: readonly string[]): Failure {
  return new Failure('NoGuard', {
    what: `cfn-guard, which checks the rules in ${list(rules)}, is not installed`,
    next: 'install it in the CI (https://github.com/aws-cloudformation/cloudformation-guard), on the PATH of the job',
  });
}

function keyOf({ severity, stack = '', constructPath = '', logicalId = '', rule }: Finding): string {
  return [ORDER.indexOf(severity), stack, constructPath, logicalId, rule].join('\0');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** `4 stacks: 1 error, 2 warnings, 3 accepted`; `4 stacks: nothing found` */
function summaryOf(findings: readonly Finding[], accepted: readonly AcceptedFinding[], stacks: number): string {
  const parts = ORDER.flatMap((severity) => {
    const number = findings.filter((one) => one.severity === severity).length;
    if (number === 0) return [];
    return severity === 'info' ? `${number} info` : count(number, severity);
  });
  if (parts.length === 0) parts.push('nothing found');
  if (accepted.length > 0) parts.push(`${accepted.length} accepted`);
  return `${count(stacks, 'stack')}: ${parts.join(', ')}`;
}
