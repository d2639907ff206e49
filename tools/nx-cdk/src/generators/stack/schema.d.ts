/** Options of `nx g nx-cdk:stack`; described in schema.json. */
export interface StackGeneratorSchema {
  readonly name: string;
  readonly project?: string;
}
