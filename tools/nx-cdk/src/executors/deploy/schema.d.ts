import type { RequiredApproval } from '../../plan/index.ts';
import type { CommonOptions, PageOptions, ScopeOptions, TargetLimit } from '../../command/index.ts';

/** Options of `nx deploy`; described in schema.json. */
export interface DeployExecutorSchema extends CommonOptions, PageOptions, ScopeOptions, TargetLimit {
  readonly plan?: string;
  readonly planDigest?: string;
  readonly outputsFile?: string;
  readonly concurrency?: number;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly revertDrift?: boolean;
  readonly requireApproval?: RequiredApproval;
  readonly yes?: boolean;
  readonly rollback?: boolean;
  readonly verify?: boolean;
}
