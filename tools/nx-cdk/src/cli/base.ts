import {
  type Git,
  moment,
  deploymentBase,
  shortCommit,
  type RecordStore,
  type DeploymentRecord,
} from '../deployments/index.ts';
import type { CliCommand } from './commands.ts';
import { GROUP_OPTIONS, deployGroupOf } from './deploy-group.ts';

/** Prints the base with which `nx affected` finds what was not yet deployed to a deploy group. */
export const baseCommand: CliCommand = {
  name: 'base',
  summary: 'Print the commit that was deployed to a deploy group last, as a base for nx affected.',
  details: [
    'It prints the empty tree, with which everything counts as affected, if that commit is not known or not in the history of HEAD.',
    'In a script: NX_BASE="$(nx-cdk base ...)" in a line of its own, and export it in the next: export NX_BASE="$(...)" would hide a failure.',
    'Needs ssm:GetParameters on the parameter of the group in the CI account, with --attempt ssm:PutParameter too.',
  ],
  options: {
    ...GROUP_OPTIONS,
    attempt: {
      description:
        'Note that a deployment of HEAD begins: until nx-cdk record says that it is done, everything counts as affected.',
    },
  },
  run: async (invocation) => {
    const { options, print, explain } = invocation;
    const { group, git, withRecords } = deployGroupOf(invocation);
    const { record, commit, everything } = await withRecords(async (records) => {
      const known = (await records.read([group.parameter])).get(group.parameter);
      // If nothing was deployed yet, everything counts as affected until something is.
      if (options['attempt'] && known) await noteAttempt(records, group.parameter, known, git);
      return { record: known, ...(await deploymentBase(group, known, git)) };
    });
    explain(
      everything === undefined
        ? `Base of ${group.environment} ${group.name}: ${shortCommit(commit)}, deployed ${moment(record!.time)}`
        : `Base of ${group.environment} ${group.name}: everything counts as affected: ${everything}.`,
    );
    print(commit);
  },
};

/** Before anything is deployed, so that an end at any moment leaves a trace. */
async function noteAttempt(records: RecordStore, parameter: string, record: DeploymentRecord, git: Git): Promise<void> {
  const attempt = await git.head();
  if (attempt === undefined || attempt === record.commit || attempt === record.attempt) return;
  // The first attempt that was not done is what matters: what came of it has to be made good by any later one.
  await records.write(parameter, { ...record, attempt: record.attempt ?? attempt });
}
