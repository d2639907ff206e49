export interface InitGeneratorSchema {
  /** `account/region`; empty if somebody was asked and has not decided. */
  readonly ci?: string;
  /** `name=account/region,...`; empty if somebody was asked and has not decided. */
  readonly environments?: string;
}
