/** Options of the plugin, in `nx.json`. */
export interface CdkPluginOptions {
  /**
   * Configurations that every target that talks to AWS gets, with the options each of them sets. Nx loads
   * `.env.<configuration>` before the task starts, so a configuration can stand for another endpoint or other
   * credentials without any option at all.
   * @default {}
   */
  readonly configurations?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** @default 'synth' */
  readonly synthTargetName?: string;
  /** @default 'publish' */
  readonly publishTargetName?: string;
  /** @default 'deploy' */
  readonly deployTargetName?: string;
  /** @default 'plan' */
  readonly planTargetName?: string;
  /** @default 'diff' */
  readonly diffTargetName?: string;
  /** @default 'destroy' */
  readonly destroyTargetName?: string;
  /** @default 'rollback' */
  readonly rollbackTargetName?: string;
  /** @default 'bootstrap' */
  readonly bootstrapTargetName?: string;
  /** @default 'lookups' */
  readonly lookupsTargetName?: string;
  /** @default 'released' */
  readonly releasedTargetName?: string;
}

/** The plugin's options with every default filled in. */
export type NormalizedPluginOptions = Required<CdkPluginOptions>;

/** Fills in what `nx.json` leaves out. */
export function normalizePluginOptions(options: CdkPluginOptions | undefined): NormalizedPluginOptions {
  return {
    configurations: options?.configurations ?? {},
    synthTargetName: options?.synthTargetName ?? 'synth',
    publishTargetName: options?.publishTargetName ?? 'publish',
    deployTargetName: options?.deployTargetName ?? 'deploy',
    planTargetName: options?.planTargetName ?? 'plan',
    diffTargetName: options?.diffTargetName ?? 'diff',
    destroyTargetName: options?.destroyTargetName ?? 'destroy',
    rollbackTargetName: options?.rollbackTargetName ?? 'rollback',
    bootstrapTargetName: options?.bootstrapTargetName ?? 'bootstrap',
    lookupsTargetName: options?.lookupsTargetName ?? 'lookups',
    releasedTargetName: options?.releasedTargetName ?? 'released',
  };
}
