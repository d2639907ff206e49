import type { DeployRequest } from '../deploy/index.ts';
import type { Plan } from './model.ts';

/** What a plan is asked for: what a deployment would do by default. Values of parameters are in no plan. */
export interface PlanRequest extends Omit<DeployRequest, 'force' | 'rollback'> {
  /** Name of the project; part of the plan. */
  readonly project: string;
  /** Digest of the release that the assembly is; part of the plan. */
  readonly release: string;
}

/** How planning ended. Plain data: can be written as JSON. */
export interface PlanReport {
  /** False if a stack could not be planned: then there is no plan. */
  readonly success: boolean;
  readonly milliseconds: number;
  /** One sentence for each stack that could not be planned. */
  readonly failures: readonly string[];
  readonly plan?: Plan;
}
