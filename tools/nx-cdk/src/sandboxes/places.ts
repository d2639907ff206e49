import { bootstrapRoleArn, type DeploymentEnvironment, type Environments, targetName } from '@nx-cdk/environments';
import type { Assembly, AssemblyStack } from '../assembly/index.ts';

/** The targets of environments with instances, with the roles that their bootstrap makes. */
export interface Places {
  /** One stand-in for a stack in each target, by whose roles it is worked there: no assembly is needed. */
  readonly assembly: Assembly;
  /** Name of the environment of a target: no two environments with instances share one. */
  readonly environmentOf: (targetName: string) => string;
}

/**
 * Where instances are.
 *
 * @param environments those with instances
 */
export function placesOf(file: Environments, environments: readonly DeploymentEnvironment[]): Places {
  const names = new Map<string, string>();
  const stacks = environments.flatMap(({ name, targets }) =>
    targets.map(({ account, region }): AssemblyStack => {
      const target = { account, region };
      names.set(targetName(target), name);
      const role = (kind: 'cfn-exec' | 'deploy' | 'lookup') => bootstrapRoleArn(kind, target, file.qualifier);
      return {
        id: `${name} ${targetName(target)}`,
        // No stack of CloudFormation can be called so.
        stackName: '*',
        target,
        manifestFile: file.file,
        templateFile: '',
        parameters: {},
        dependencies: [],
        files: [],
        images: [],
        resources: new Map(),
        readAnnotations: () => [],
        deployRole: { arn: role('deploy') },
        lookupRole: { arn: role('lookup') },
        executionRoleArn: role('cfn-exec'),
      };
    }),
  );
  return {
    assembly: { directory: file.file, stacks, files: [], images: [] },
    environmentOf: (target) => names.get(target)!,
  };
}
