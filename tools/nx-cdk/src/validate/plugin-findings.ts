import type { PluginReportJson, PolicyViolationJson } from '@aws-cdk/cloud-assembly-schema';
import { type AssemblyStack, placeIn } from '../assembly/index.ts';
import { type AcceptedFinding, type Finding, type Findings, type Severity, stackOf } from './finding.ts';

/**
 * What policy validation plugins have found in some stacks, such as cdk-nag, and CDK's own check of templates. Kept is
 * also what names no construct: it may be about any stack.
 *
 * @param all every stack of the assembly
 */
export function pluginFindings(
  reports: readonly PluginReportJson[],
  chosen: readonly AssemblyStack[],
  all: readonly AssemblyStack[],
): Findings {
  const ids = new Set(chosen.map(({ id }) => id));
  const isMeant = ({ stack }: Finding) => stack === undefined || ids.has(stack);
  return {
    findings: reports
      .flatMap((report) => [...report.violations.flatMap((one) => findingsOf(one, report, all)), ...broken(report)])
      .filter(isMeant),
    accepted: reports
      .flatMap((report) =>
        (report.suppressedViolations ?? []).flatMap((one) =>
          findingsOf(one, report, all).map(({ mend: _, ...finding }): AcceptedFinding => ({
            ...finding,
            ...(one.reason && { reason: one.reason }),
          })),
        ),
      )
      .filter(isMeant),
  };
}

function findingsOf(
  violation: PolicyViolationJson,
  report: PluginReportJson,
  all: readonly AssemblyStack[],
): Finding[] {
  const { ruleName: rule, description, suggestedFix, violatingConstructs } = violation;
  const about = {
    severity: severityOf(violation, report),
    by: report.pluginName,
    rule,
    what: String(description ?? rule),
    mend: suggestedFix ?? acknowledging(violation, report),
  };
  if (violatingConstructs.length === 0) return [about];
  return violatingConstructs.map((construct): Finding => {
    const { constructPath, cloudFormationResource: { logicalId } = {}, stackTraces = [] } = construct;
    const stack = stackOf(constructPath, all);
    const source = placeIn(stackTraces.flatMap((trace) => String(trace).split('\n')));
    return {
      ...about,
      ...(stack && { stack }),
      ...(constructPath ? { constructPath } : logicalId && { logicalId }),
      ...(source && { source }),
    };
  });
}

/** A severity of the plugin's own counts as what the plugin makes of it. */
function severityOf({ severity }: PolicyViolationJson, { conclusion }: PluginReportJson): Severity {
  if (severity === 'warning' || severity === 'info') return severity;
  return severity === 'error' || severity === 'fatal' || conclusion === 'failure' ? 'error' : 'warning';
}

/** By which id the app can accept it; undefined for what CDK lets nobody accept. */
function acknowledging({ ruleName, severity }: PolicyViolationJson, { pluginName }: PluginReportJson) {
  if (severity === 'fatal') return undefined;
  const id = ruleName.includes('::') ? ruleName : `${pluginName.replaceAll(' ', '-')}::${ruleName}`;
  return `mend it, or accept it: Validations.of(construct).acknowledge({ id: '${id}', reason })`;
}

/** A plugin that failed before it found anything. */
function broken({ pluginName: by, conclusion, violations, metadata }: PluginReportJson): Finding[] {
  if (conclusion !== 'failure' || violations.length > 0) return [];
  const what = metadata?.['error'] ?? `the plugin ${by} failed and does not say why`;
  return [{ severity: 'error', by, rule: 'plugin', what, mend: 'mend the plugin, or what it reads' }];
}
