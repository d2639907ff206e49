import { type Git, shortCommit, targetsDigest } from '../deployments/index.ts';
import { Failure } from '../failure/index.ts';
import type { CliCommand } from './commands.ts';
import { assemblyDigests, deployingProjects, namedDigests, projectGraph } from './deploying-projects.ts';
import { GROUP_OPTIONS, deployGroupOf } from './deploy-group.ts';

/** Writes down what was deployed to a deploy group. */
export const recordCommand: CliCommand = {
  name: 'record',
  summary: 'Write down that a commit was deployed to a deploy group.',
  details: [
    'For after a deployment that succeeded, and never before: the next deployment is only of what has changed since.',
    'Needs ssm:PutParameter on the parameter of the group in the CI account.',
  ],
  options: {
    ...GROUP_OPTIONS,
    commit: { value: 'SHA', description: 'The commit that was deployed. Default: HEAD.' },
    releases: {
      value: 'LIST',
      description:
        'What nx-cdk hand-over printed, if that was deployed by --release. Default: the assemblies that are here.',
    },
  },
  run: async (invocation) => {
    const { options, explain } = invocation;
    const { root, group, git, withRecords } = deployGroupOf(invocation);
    const commit = await deployedCommit(git, options['commit']);
    const projects = deployingProjects(await projectGraph(), root, group.environment);
    if (projects.length === 0) {
      throw new Failure('NoProject', {
        what: `No project deploys to ${group.environment}`,
        next: 'a CDK app does if its cdk.json names the environments file in the context key nx-cdk:environments',
      });
    }
    const { releases } = options;
    const assemblies = releases === undefined ? await assemblyDigests(projects) : namedDigests(projects, releases);
    if (await git.isChanged()) {
      explain(`warning: Files here differ from HEAD; what is recorded is ${shortCommit(commit)}.`);
    }
    const record = { commit, time: new Date().toISOString(), assemblies, targets: targetsDigest(group) };
    await withRecords((records) => records.write(group.parameter, record));
    const deployed = projects.map(({ name }) => name).join(', ');
    explain(`Recorded for ${group.environment} ${group.name}: ${shortCommit(commit)} of ${deployed}.`);
  },
};

/** A full name is taken as it is if it is not in the history that is here: some sources of a pipeline bring none. */
async function deployedCommit(git: Git, given: string = 'HEAD'): Promise<string> {
  if (/^[0-9a-f]{40}$/.test(given) && !((await git.head()) && (await git.has(given)))) return given;
  return git.commitOf(given);
}
