import { resolve } from 'node:path';
import { isInstanceName } from '@nx-cdk/environments';
import type { ProjectGraph } from '@nx/devkit';
import { Failure } from '../failure/index.ts';
import type { CliOption, Invocation } from './commands.ts';

/** The executor by which a target is known as one that synthesizes; its name is the workspace's choice. */
const SYNTH_EXECUTOR = 'nx-cdk:synth';

/** Absolute paths by project. */
export type Assemblies = ReadonlyMap<string, string>;

/** One instance of an environment that exists many times. */
export interface NamedInstance {
  readonly environment: string;
  readonly instance: string;
}

/** The options by which a command says which instance it is about. */
export const INSTANCE_OPTIONS: Readonly<Record<string, CliOption>> = {
  environment: { value: 'NAME', description: 'The environment of the instance, as environments.json calls it.' },
  instance: { value: 'NAME', description: 'Name of an instance. Default: what exists once.' },
};

/**
 * The instance that a command is about; undefined if it is about what exists once.
 *
 * @throws Failure `BadInstance` if only half of it is named, or a name is none
 */
export function instanceIn({ environment, instance }: Invocation['options']): NamedInstance | undefined {
  if (environment === undefined && instance === undefined) return undefined;
  if (environment === undefined || instance === undefined) {
    const what = `--${environment === undefined ? 'instance' : 'environment'} is given alone`;
    throw new Failure('BadInstance', { what, next: 'name both, such as --environment=sandbox --instance=ada' });
  }
  if (isInstanceName(instance)) return { environment, instance };
  const next = 'lower-case letters, digits and dashes between them are all it may have, at most 20';
  throw new Failure('BadInstance', { what: `--instance is ${JSON.stringify(instance)}`, next });
}

/**
 * Where each project that synthesizes keeps its assembly: absolute paths by project, in the order of their names.
 *
 * @param of the instance whose assemblies they are, of projects that have its environment. @default - what exists once
 */
export function assembliesOf(
  { nodes }: Pick<ProjectGraph, 'nodes'>,
  workspaceRoot: string,
  of?: NamedInstance,
): Map<string, string> {
  const found = Object.values(nodes).flatMap(({ name, data }): [string, string][] => {
    const target = Object.values(data.targets ?? {}).find(
      ({ executor, options }) =>
        executor === SYNTH_EXECUTOR &&
        (options as { environment?: string } | undefined)?.environment === of?.environment,
    );
    if (target === undefined) return [];
    const { output } = (target.options ?? {}) as { output?: string };
    const place = output === undefined ? (target.outputs?.[0] ?? '{projectRoot}/cdk.out') : `{projectRoot}/${output}`;
    const path = place
      .replace('{projectRoot}', data.root)
      .replace('{workspaceRoot}', '.')
      .replace('{options.instance}', of?.instance ?? '');
    return [[name, resolve(workspaceRoot, path)]];
  });
  return new Map(found.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
