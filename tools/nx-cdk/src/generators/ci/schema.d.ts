/** Options of `nx g nx-cdk:ci`; described in schema.json. */
export interface CiGeneratorSchema {
  readonly system: 'github' | 'gitlab' | 'circleci';
  readonly repository?: string;
  readonly branch?: string;
  readonly defaultBranch?: string;
  readonly directory?: string;
  readonly environmentsFile?: string;
  readonly ownerId?: string;
  readonly repositoryId?: string;
  readonly gitlabUrl?: string;
  readonly protectedEnvironments?: boolean;
  readonly organizationId?: string;
  readonly projectId?: string;
  readonly existingProvider?: boolean;
  readonly drift?: boolean;
  readonly sandboxes?: string;
  readonly sandboxLifetime?: string;
}
