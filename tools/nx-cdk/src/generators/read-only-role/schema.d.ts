/** Options of `nx g nx-cdk:read-only-role`; described in schema.json. */
export interface ReadOnlyRoleGeneratorSchema {
  readonly directory?: string;
}
