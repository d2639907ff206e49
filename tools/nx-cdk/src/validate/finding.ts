/** What worsens a report: an error fails it. */
export type Severity = 'error' | 'warning' | 'info';

/** One thing that was found, at one place. Plain data. */
export interface Finding {
  readonly severity: Severity;
  /** Who found it: `AwsSolutions`, `Construct Annotations`, `cfn-guard`. */
  readonly by: string;
  /** `AwsSolutions-SQS4` */
  readonly rule: string;
  /** Id of the stack. Absent if it is about no stack, or that is not known. */
  readonly stack?: string;
  /** `staging/Data/Jobs/Resource` */
  readonly constructPath?: string;
  /** Logical id of the resource, if no construct is known. */
  readonly logicalId?: string;
  /** `apps/shop/data.ts:14`, if the assembly was synthesized with stack traces. */
  readonly source?: string;
  /** One sentence. */
  readonly what: string;
  /** How to mend it. Absent if the rule does not say. */
  readonly mend?: string;
}

/** A finding that the app has accepted. */
export interface AcceptedFinding extends Finding {
  /** As the app gives it. */
  readonly reason?: string;
}

/** What one source of findings has to say. */
export interface Findings {
  readonly findings: readonly Finding[];
  readonly accepted: readonly AcceptedFinding[];
}

/** The stack of a construct path, the innermost one if stacks are nested. */
export function stackOf(constructPath: string | undefined, stacks: readonly { readonly id: string }[]) {
  const holds = (id: string) => constructPath === id || constructPath?.startsWith(`${id}/`) === true;
  const [innermost] = stacks.filter(({ id }) => holds(id)).sort((a, b) => b.id.length - a.id.length);
  return innermost?.id;
}
