import type { PluginReportJson } from '@aws-cdk/cloud-assembly-schema';
import type { AssemblyStack } from '../assembly/index.ts';
import type { Finding } from './finding.ts';

/** What CDK calls the report that holds the annotations, if an app's feature flag asks for that. */
const REPORT = 'Construct Annotations';

/** `text [ack: shop:alarm]`, as CDK writes warnings that can be acknowledged. */
const ACKNOWLEDGED_BY = /\s*\[ack: ([^\]]+)\]\s*/;

/** `text (Namespace::Rule)`, as CDK writes errors that have an id. */
const WITH_ID = /\s*\(([^()]+::[^()]+)\)$/;

/** `AwsSolutions-S1: text` or `AwsSolutions-IAM5[Resource::*]: text`, as cdk-nag before version 3 writes both. */
const OF_NAG = /^([\w.]+-[\w.-]*\d(?:\[.*?\])?): /;

/**
 * Errors, warnings and information that constructs have left in the assembly, those of cdk-nag before version 3
 * included.
 *
 * @param reports none of the annotations is told twice, if a report holds them
 */
export function annotationFindings(
  stacks: readonly AssemblyStack[],
  reports: readonly Pick<PluginReportJson, 'pluginName'>[],
): Finding[] {
  if (reports.some(({ pluginName }) => pluginName === REPORT)) return [];
  return stacks.flatMap(({ id: stack, readAnnotations }) =>
    readAnnotations().map(({ level: severity, constructPath, text, source }): Finding => {
      const { rule = `${severity}-annotation`, what, mend } = partsOf(text);
      const place = { stack, constructPath, ...(source && { source }) };
      return { severity, by: REPORT, rule, ...place, what, ...(mend && { mend }) };
    }),
  );
}

function partsOf(text: string): Pick<Finding, 'what' | 'mend'> & { readonly rule?: string } {
  const [, id] = ACKNOWLEDGED_BY.exec(text) ?? [];
  if (id !== undefined) {
    const mend = `mend it, or accept it: Annotations.of(construct).acknowledgeWarning('${id}', reason)`;
    return { rule: id, what: text.replace(ACKNOWLEDGED_BY, ' ').trim(), mend };
  }
  for (const pattern of [WITH_ID, OF_NAG]) {
    const [, rule] = pattern.exec(text) ?? [];
    if (rule !== undefined) return { rule, what: text.replace(pattern, '').trim() };
  }
  return { what: text.trim() };
}
