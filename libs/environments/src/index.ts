export * from './admitted-roles.ts';
export * from './ci-steps.ts';
export * from './example-accounts.ts';
export type * from './model.ts';
export * from './package-managers.ts';
export * from './partitions.ts';
export * from './pipeline-names.ts';
export * from './read-environments.ts';
export * from './roles.ts';
