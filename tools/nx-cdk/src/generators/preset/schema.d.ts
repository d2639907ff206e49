/** Options of `nx g nx-cdk:preset`; described in schema.json. */
export interface PresetGeneratorSchema {
  readonly name: string;
  readonly ciAccount?: string;
  readonly environments?: string;
}
