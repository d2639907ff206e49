import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nxProgram, outsideOfNx, run } from '@nx-cdk/processes';
import { LocalAwsError } from '../local-aws-error.ts';

/** The configuration by which targets of nx-cdk use the local AWS. */
export const CONFIGURATION = 'local-aws';

/** A CDK app of the workspace: the Nx targets that bring it onto the local AWS. */
export interface App {
  /** Name of the Nx project. */
  readonly project: string;
  /** Such as `bootstrap`: names are an option of the plugin. */
  readonly bootstrap: string;
  /** Such as `deploy`. */
  readonly deploy: string;
}

/** What is read of an Nx project. */
interface Project {
  readonly targets?: Readonly<
    Record<string, { readonly executor?: string; readonly configurations?: Readonly<Record<string, object>> }>
  >;
}

/** Projects by name. */
export type Projects = Readonly<Record<string, Project>>;

/**
 * Asks Nx for the projects of a workspace.
 *
 * @param root of the workspace; absolute
 * @param file is written and removed again; absolute
 * @throws LocalAwsError `NoProject` with what Nx says, NoNxError
 */
export async function readProjects(root: string, file: string): Promise<Projects> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const args = [nxProgram(root), 'graph', `--file=${file}`];
  const env = { ...outsideOfNx(process.env), FORCE_COLOR: '0' };
  const { failure, lastLines } = await run(process.execPath, args, { cwd: root, env });
  if (failure !== undefined)
    throw new LocalAwsError('NoProject', `Nx cannot read the projects of ${root}:\n${lastLines.join('\n')}`);
  const { graph } = JSON.parse(await readFile(file, 'utf8')) as { graph: { nodes: Record<string, { data: Project }> } };
  await rm(file);
  return Object.fromEntries(Object.entries(graph.nodes).map(([name, { data }]) => [name, data]));
}

/**
 * The targets by which the named projects get onto the local AWS.
 *
 * @param exec how the workspace's package manager runs a program, such as `npx nx`
 * @throws LocalAwsError `NoProject`, `NoConfiguration`, naming what there is and what to do
 */
export function appsOf(projects: Projects, wanted: readonly string[], exec: (command: string) => string): App[] {
  return wanted.map((project) => {
    const [bootstrap, deploy] = ['nx-cdk:bootstrap', 'nx-cdk:deploy'].map((name) => targetOf(projects[project], name));
    if (bootstrap === undefined || deploy === undefined) {
      const apps = Object.keys(projects).filter((name) => targetOf(projects[name], 'nx-cdk:deploy') !== undefined);
      const known = projects[project] === undefined ? 'is no project of this workspace' : 'is no CDK app of nx-cdk';
      const next =
        apps.length > 0
          ? `there ${apps.length === 1 ? 'is' : 'are'} ${apps.join(', ')}`
          : `this workspace has none: add one with "${exec('nx g nx-cdk:app')}", ` +
            `or nx-cdk itself with "${exec('nx add nx-cdk')}"`;
      throw new LocalAwsError('NoProject', `${project} ${known}: ${next}.`);
    }
    if (!deploy.configurations.includes(CONFIGURATION))
      throw new LocalAwsError(
        'NoConfiguration',
        `The targets of ${project} have no configuration "${CONFIGURATION}", by which they use the local AWS: ` +
          `add it to nx.json with "${exec('nx g nx-cdk:init')}".`,
      );
    return { project, bootstrap: bootstrap.name, deploy: deploy.name };
  });
}

/** A project's target of an executor: that for all environments, whose name begins those of the others. */
function targetOf(project: Project | undefined, executor: string) {
  return Object.entries(project?.targets ?? {})
    .filter(([, target]) => target.executor === executor)
    .map(([name, { configurations = {} }]) => ({ name, configurations: Object.keys(configurations) }))
    .toSorted((one, other) => one.name.length - other.name.length)[0];
}
