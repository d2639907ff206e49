import type { Assembly, PromotionGroup } from '../assembly/index.ts';
import type { Plan } from './model.ts';

/** What a plan is asked for. */
export interface PlanRequest {
  /** Name of the project; part of the plan. */
  readonly project: string;
  /** Digest of the release that the assembly is; part of the plan. */
  readonly release: string;
  readonly assembly: Assembly;
  /** Ids of the stacks to plan. */
  readonly stacks: readonly string[];
  readonly promotion?: readonly PromotionGroup[];
  /** `Key=Value` or `Stack:Key=Value`, as a deployment takes them. Their values are in no plan. */
  readonly parameters?: readonly string[];
  /** Stacks that are looked at at the same time. @default 10 */
  readonly concurrency?: number;
}

/** How planning ended. Plain data: can be written as JSON. */
export interface PlanReport {
  /** False where a stack could not be planned: then there is no plan. */
  readonly success: boolean;
  readonly milliseconds: number;
  /** One sentence for each stack that could not be planned. */
  readonly failures: readonly string[];
  readonly plan?: Plan;
}
