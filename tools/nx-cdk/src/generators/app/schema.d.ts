/** Options of `nx g nx-cdk:app`; described in schema.json. */
export interface AppGeneratorSchema {
  readonly name: string;
  readonly directory?: string;
  readonly environments?: boolean;
}
