import { Git, moment, releaseBase, releaseGroup, shortCommit } from '../release/index.ts';
import type { CliCommand } from './commands.ts';
import { withRecords } from './with-records.ts';
import { GROUP_OPTIONS, environmentsOf, workspaceRootOf } from './workspace.ts';

/** Prints what `nx affected` has to compare with to find what a deploy group has not got yet. */
export const baseCommand: CliCommand = {
  name: 'base',
  summary: 'Print the commit that was released to a deploy group last, as a base for nx affected.',
  details: [
    'It prints the empty tree, with which everything counts as affected, where that commit is not known or not in the history of HEAD.',
    'In a script: NX_BASE="$(nx-cdk base ...)" in a line of its own, and export it in the next: export NX_BASE="$(...)" would hide a failure.',
    'Needs ssm:GetParameters on the parameter of the group in the CI account.',
  ],
  options: GROUP_OPTIONS,
  run: async (invocation) => {
    const { options, folder, print, explain } = invocation;
    const root = workspaceRootOf(folder);
    const environments = await environmentsOf(root, options['environmentsFile']);
    const group = await releaseGroup(environments, options['environment']!, options['group']);
    const record = await withRecords(environments, invocation, (records) => records.read([group.parameter])).then(
      (found) => found.get(group.parameter),
    );
    const { commit, everything } = await releaseBase(group, record, new Git(root));
    explain(
      everything === undefined
        ? `Base of ${group.environment} ${group.name}: ${shortCommit(commit)}, released ${moment(record!.time)}`
        : `Base of ${group.environment} ${group.name}: everything counts as affected: ${everything}.`,
    );
    print(commit);
  },
};
