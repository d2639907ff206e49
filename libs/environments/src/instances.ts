import type { DeploymentEnvironment, Environments } from './model.ts';
import { EnvironmentsError, readEnvironments } from './read-environments.ts';

/** Key of the context of an app that names its environments file. */
const ENVIRONMENTS_CONTEXT = 'nx-cdk:environments';

/** Key of an app's context that names the instance to synthesize: `sandbox/ada`. */
export const INSTANCE_CONTEXT = 'nx-cdk:instance';

/** How long the name of an instance may be. Names of stacks, roles and change sets hold it. */
const LONGEST = 20;

/** Whether an instance may be called so: lower-case letters, digits, and dashes between them, at most 20. */
export function isInstanceName(name: string): boolean {
  return name.length <= LONGEST && /^[a-z0-9]+(-+[a-z0-9]+)*$/.test(name);
}

/** An environment as an app makes its stage. */
export interface AppEnvironment extends DeploymentEnvironment {
  /** Which instance of the environment it is: `ada`. @default - none: it exists once */
  readonly instance?: string;
  /** What its stage and its stacks are called after: the environment, and the instance if it is one: `sandbox-ada`. */
  readonly stageName: string;
}

/** The environments that an app makes stages for. */
export interface AppEnvironments extends Environments {
  readonly environments: readonly AppEnvironment[];
}

/** What has a context, such as the app. */
interface WithContext {
  readonly node: { tryGetContext(key: string): unknown };
}

/**
 * The environments that an app makes a stage for, by its context: `nx-cdk:environments` names the file, which
 * `cdk.json` says, and `nx-cdk:instance` the instance, such as `sandbox/ada`, which `nx deploy-sandbox --instance=ada`
 * gives. For an instance, this is its environment and no other one. Else it is every environment that exists once.
 *
 * @param app the app, or a construct in it
 * @throws EnvironmentsError as `readEnvironments` does, and if there is no such environment, or it has no instances
 */
export function environmentsOf(app: WithContext): AppEnvironments {
  const file = app.node.tryGetContext(ENVIRONMENTS_CONTEXT);
  const all = readEnvironments(typeof file === 'string' ? file : undefined);
  const instance = app.node.tryGetContext(INSTANCE_CONTEXT);
  if (instance === undefined) {
    const environments = promotedEnvironments(all).map((one) => ({ ...one, stageName: one.name }));
    return { ...all, environments };
  }
  return { ...all, environments: [instanceOf(all, instance)] };
}

/** The environments that take part in the promotion: those that exist once. */
export function promotedEnvironments({ environments }: Pick<Environments, 'environments'>): DeploymentEnvironment[] {
  return environments.filter(({ instances }) => !instances);
}

function instanceOf({ file, environments }: Environments, named: unknown): AppEnvironment {
  const [name, instance, ...more] = typeof named === 'string' ? named.split('/') : [];
  const environment = environments.find((one) => one.name === name);
  if (!environment?.instances || instance === undefined || !isInstanceName(instance) || more.length > 0) {
    throw new EnvironmentsError(
      `The context ${INSTANCE_CONTEXT} is ${JSON.stringify(named)}: it has to be an environment of ${file} with "instances": true, a slash, and at most ${LONGEST} lower-case letters, digits and dashes.`,
    );
  }
  return { ...environment, instance, stageName: `${environment.name}-${instance}` };
}
