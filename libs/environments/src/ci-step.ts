/** Words of a shell that a CI puts into the commands of a step. */
export interface StepWords {
  /** The deploy group. @default - the group of the step */
  readonly group?: string;
  /** Its targets. @default - those of the step, none if it deploys to the whole environment */
  readonly targets?: string;
  /** @default environments.json */
  readonly environmentsFile?: string;
  /** The commit that was deployed. @default HEAD */
  readonly commit?: string;
  /** What `nx-cdk hand-over` printed in the job that synthesized. @default - any release will do */
  readonly releases?: string;
  /** The folder that `nx-cdk hand-over` filled, for the step that compares. @default 'assemblies' */
  readonly assemblies?: string;
  /** The folder for reports of the step that compares. @default 'diff-reports' */
  readonly reports?: string;
  /** Name of the instance, for a step of a sandbox. @default "$INSTANCE" */
  readonly instance?: string;
  /** The projects of a sandbox: what `nx-cdk take-over` printed. @default "$PROJECTS" */
  readonly projects?: string;
  /** The folder for the outputs of a sandbox. @default 'outputs' */
  readonly outputs?: string;
}

/**
 * A step of a CI: what it runs and what that needs. Every CI gets its commands and its roles from here: `PipelineStack`
 * of `@nx-cdk/constructs`, and the files and the access app that `nx g nx-cdk:ci` writes.
 */
export interface CiStep {
  readonly kind: 'synth' | 'update' | 'publish' | 'deploy' | 'diff' | 'drift' | 'sandbox';
  /** Part of the names of its role and its job: `deploy-prod-222222222222-us-east-1`. */
  readonly name: string;
  /** What its role is for. */
  readonly description: string;
  /** The environment that it deploys to. @default - all or none */
  readonly environment?: string;
  /** Name of its deploy group. */
  readonly group?: string;
  /** What it is limited to, for the option `--targets`. @default - no limit */
  readonly targets?: string;
  /** ARNs of the bootstrap roles that it may take. */
  readonly assumes: readonly string[];
  /** What it may do with the key that signs releases. @default - nothing, or releases are not signed */
  readonly signing?: readonly ('kms:Sign' | 'kms:Verify')[];
  /** Name of the SSM parameter with its deployment record, which it reads and writes. @default - it keeps none */
  readonly record?: string;
  /** Whether it reads the templates of the CI account, by its own role. @default false */
  readonly templates?: boolean;
  /** Whether it builds container images. */
  readonly images: boolean;
  /**
   * Lines of a shell, for a checkout of the commit with its history. The assemblies have been taken over there, unless
   * it deploys what `releases` names: that was published.
   */
  readonly commands: (words?: StepWords) => string[];
}
