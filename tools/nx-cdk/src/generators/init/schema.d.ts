export interface InitGeneratorSchema {
  /** `account/region`; empty if somebody was asked and has not decided. */
  readonly ciAccount?: string;
  /** `name=account/region,...`; empty if somebody was asked and has not decided. */
  readonly environments?: string;
}
