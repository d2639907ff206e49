/** Options of `nx g nx-cdk:handler`; described in schema.json. */
export interface HandlerGeneratorSchema {
  readonly name: string;
  readonly language: 'typescript' | 'python' | 'go' | 'rust' | 'container';
  readonly directory?: string;
  readonly project?: string;
}
