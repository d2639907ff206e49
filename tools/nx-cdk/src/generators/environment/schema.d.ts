export interface EnvironmentGeneratorSchema {
  readonly name: string;
  /** `account/region,...` */
  readonly targets: string;
  /** @default false */
  readonly approval?: boolean;
  /** Name of the next environment. @default - it is the last one */
  readonly before?: string;
  /** Name of the environment before. @default - the last one */
  readonly after?: string;
}
