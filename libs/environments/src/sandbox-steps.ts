import type { CiStep, StepWords } from './ci-step.ts';
import type { DeploymentEnvironment, Environments } from './model.ts';
import { EnvironmentsError } from './read-environments.ts';
import { ALONE, option, publishingRoles, roleArns, step } from './step-parts.ts';

/** How long a sandbox of a pull request stays after its last change, if nobody says it. */
export const SANDBOX_LIFETIME = '7d';

/** The steps by which a CI makes an instance of an environment for each pull request, and removes it. */
export interface SandboxSteps {
  /** Synthesizes the instance, without a role: the only step that runs code of the pull request. */
  readonly synth: CiStep;
  readonly publish: CiStep;
  readonly deploy: CiStep;
  /** Deletes the instance; with the role of `deploy`, and without an assembly. */
  readonly remove: CiStep;
  /** Deletes instances that have expired; with the role of `deploy`, and without an assembly. */
  readonly reap: CiStep;
}

/**
 * What the code of a pull request is deployed with. Whoever writes it can do there all that the execution role can, so
 * the accounts hold nothing else, and the roles of these steps reach no other account.
 *
 * @param name of an environment that has instances
 * @param expires how long an instance stays after its last change. @default '7d'
 * @throws EnvironmentsError if there is no such environment, it has no instances, shares an account, or releases are
 *   signed: a job that is started by a pull request must not sign what the branch is signed with
 */
export function sandboxSteps(environments: Environments, name: string, expires = SANDBOX_LIFETIME): SandboxSteps {
  const { targets } = requireOwnAccounts(environments, name);
  const images = environments.pipeline.images;
  const instanceOf = ({ instance = '"$INSTANCE"' }: StepWords) => option('instance', instance);
  const projectsOf = ({ projects = '"$PROJECTS"' }: StepWords) => ` --projects=${projects}`;
  const deployRoles = roleArns(environments, ['deploy'], targets, name);
  const deploy = {
    ...step('sandbox', `Deploys and deletes instances of ${name}; publishes nothing.`),
    name: `deploy-${name}`,
    environment: name,
    assumes: deployRoles,
  };
  return {
    synth: {
      ...step('synth', `Synthesizes an instance of ${name} for a proposed change; may take no role.`),
      commands: (words = {}) => [`npx nx run-many -t synth-${name}${instanceOf(words)} --outputStyle=static`],
    },
    publish: {
      ...step('sandbox', `Uploads templates and assets for instances of ${name}; deploys nothing.`),
      name: `publish-${name}`,
      environment: name,
      images,
      assumes: roleArns(environments, publishingRoles(environments), targets, name),
      commands: (words = {}) => [
        `npx nx run-many -t publish-${name}${projectsOf(words)}${instanceOf(words)} ${ALONE}${option('release', words.releases)}`,
      ],
    },
    deploy: {
      ...deploy,
      commands: (words = {}) => {
        const { outputs = 'outputs', commit, releases } = words;
        const options = `${instanceOf(words)}${option('expires', expires)}${option('commit', commit)}`;
        const file = ` --outputsFile=${outputs}/{projectName}.json`;
        return [
          `npx nx run-many -t deploy-${name}${projectsOf(words)}${options}${file} ${ALONE}${option('release', releases)}`,
        ];
      },
    },
    remove: {
      ...deploy,
      commands: (words = {}) => [`npx nx run-many -t destroy-${name}${instanceOf(words)} --force ${ALONE}`],
    },
    reap: {
      ...deploy,
      commands: () => [`npx nx run-many -t reap${option('environment', name)} --yes ${ALONE}`],
    },
  };
}

/** @throws EnvironmentsError */
function requireOwnAccounts(environments: Environments, name: string): DeploymentEnvironment {
  const { file, ci, signing, environments: all } = environments;
  const environment = all.find((one) => one.name === name);
  if (!environment?.instances) {
    const others = all.filter(({ instances }) => instances).map((one) => one.name);
    const named = others.length === 0 ? 'none has' : `${others.join(', ')} has`;
    throw new EnvironmentsError(
      `Sandboxes of pull requests are instances of an environment, and ${name} of ${file} has no "instances": true; ${named}.`,
    );
  }
  const taken = new Map([[ci.account, 'the CI account']]);
  for (const other of all) {
    if (other === environment) continue;
    for (const { account } of other.targets) taken.set(account, `an account of ${other.name}`);
  }
  const shared = environment.targets.find(({ account }) => taken.has(account));
  if (shared !== undefined) {
    throw new EnvironmentsError(
      `The account ${shared.account} of ${name} is also ${taken.get(shared.account)}: a pull request can do there all that the execution role can. Give ${name} accounts of its own in ${file}.`,
    );
  }
  if (signing !== undefined) {
    throw new EnvironmentsError(
      `Releases are signed (signing in ${file}), and a job for a pull request must not sign with the key of the branch: sandboxes of pull requests go without signing only.`,
    );
  }
  return environment;
}
