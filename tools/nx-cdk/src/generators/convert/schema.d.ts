export interface ConvertGeneratorSchema {
  /** Name of the project, or its folder. @default - the app of the workspace, if it has only one */
  readonly project?: string;
  /** `account/region` */
  readonly ciAccount?: string;
  /** `name=account/region,...` */
  readonly environments?: string;
}
