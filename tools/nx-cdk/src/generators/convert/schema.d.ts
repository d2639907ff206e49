export interface ConvertGeneratorSchema {
  /** Name of the project, or its folder. */
  readonly project: string;
  /** `account/region` */
  readonly ciAccount?: string;
  /** `name=account/region,...` */
  readonly environments?: string;
}
