import type { RuleDeclaration, StageDeclaration } from '@aws-sdk/client-codepipeline';
import { fillIn } from './build-variables.ts';
import type { ActionReport } from './report.ts';
import type { Walk } from './walk.ts';

/** What the operators of the rule `VariableCheck` ask, of a value and what it is compared with. */
const OPERATORS: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  EQ: (value, wanted) => value === wanted,
  NE: (value, wanted) => value !== wanted,
  CONTAINS: (value, wanted) => value.includes(wanted),
  MATCHES: (value, wanted) => new RegExp(`^(?:${wanted})$`).test(value),
};

/**
 * Checks the conditions for entering a stage, as CodePipeline does before it starts an action
 * (https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works-conditions.html). Of the rules, a walk
 * knows `VariableCheck`; the others ask services that are not rehearsed, which is noted.
 *
 * @returns the report of the rule that refuses; undefined if none does
 */
export function refusedEntry({ namespaces, notes }: Walk, stage: StageDeclaration): ActionReport | undefined {
  for (const rule of (stage.beforeEntry?.conditions ?? []).flatMap(({ rules = [] }) => rules)) {
    const provider = rule.ruleTypeId?.provider ?? '';
    if (provider !== 'VariableCheck') {
      notes.add(`${stage.name}: the rule ${rule.name} of the provider ${provider} was not rehearsed`);
      continue;
    }
    const complaint = complaintOf(rule, namespaces);
    if (complaint === undefined) continue;
    const report = { stage: stage.name!, action: rule.name!, provider, role: '', seconds: 0 };
    return { ...report, outcome: 'failed', message: complaint };
  }
  return undefined;
}

function complaintOf({ configuration = {} }: RuleDeclaration, namespaces: Walk['namespaces']): string | undefined {
  const { Variable: variable = '', Value: wanted = '', Operator: operator = '' } = configuration;
  const holds = OPERATORS[operator];
  if (holds === undefined) return `it has the operator ${operator}, which there is not.`;
  try {
    const value = fillIn(variable, namespaces);
    return holds(value, fillIn(wanted, namespaces))
      ? undefined
      : `${variable} is ${JSON.stringify(value)}, and the stage is entered only if it is ${operator} ${wanted}.`;
  } catch (error) {
    return (error as Error).message;
  }
}
