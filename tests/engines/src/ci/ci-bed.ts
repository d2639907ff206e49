import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { LocalAws } from '@nx-cdk/local-aws';
import { createAws } from 'nx-cdk/src/aws/index.ts';
import { linkingNpm, sharedAws, temporaryFolder } from 'test-bed';
import { Runner } from 'test-bed/ci';
import { CI, SmallWorkspace } from './small-workspace.ts';

export const REPOSITORY = 'example/shop';
export const CIRCLECI = {
  organizationId: '0a1b2c3d-0000-4000-8000-000000000001',
  projectId: '0a1b2c3d-0000-4000-8000-000000000002',
};

/** A workspace with the files of all three systems, and accounts that are bootstrapped and have their roles. */
export interface CiBed {
  readonly aws: LocalAws;
  readonly workspace: SmallWorkspace;
  /** The first commit of the branch main. */
  readonly commit: string;
  /** A machine whose npm installs for real. */
  installing(): Promise<Runner>;
  /** A machine whose npm links what the checkout has, which takes no time. */
  linking(): Promise<Runner>;
  /** Value of an SSM parameter, read as somebody who may read everything; undefined if there is none. */
  parameter(account: string, region: string, name: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/** What is asked of the generator besides what it always writes. */
interface CiBedOptions {
  /** Sandboxes, where they are made, and schedules that look for drift. @default false */
  readonly more?: boolean;
}

/** Does what the generator's next steps say. */
export async function openCiBed({ more = false }: CiBedOptions = {}): Promise<CiBed> {
  const folder = await temporaryFolder('ci-');
  const aws = await sharedAws();
  const close = async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const workspace = await SmallWorkspace.create(folder, { sandboxes: more });
    await workspace.git('init', '-q', '-b', 'main');
    const repository = `--repository=${REPOSITORY}`;
    const drift = more ? ['--drift'] : [];
    const sandboxes = more ? ['--sandboxes=sandbox'] : [];
    await workspace.run('nx', ['g', 'nx-cdk:ci', 'github', repository, ...drift, ...sandboxes]);
    await workspace.run('nx', ['g', 'nx-cdk:ci', 'gitlab', repository, ...drift, ...sandboxes]);
    const { organizationId, projectId } = CIRCLECI;
    await workspace.run('nx', [
      'g',
      'nx-cdk:ci',
      'circleci',
      repository,
      `--organizationId=${organizationId}`,
      `--projectId=${projectId}`,
      ...drift,
    ]);
    const administrator = aws.environment(CI.account);
    await workspace.run('nx', ['bootstrap', 'shop'], administrator);
    await workspace.run(
      'nx',
      ['run-many', '-t', 'deploy', '-p', 'github-access,gitlab-access,circleci-access', '--yes'],
      administrator,
    );
    // A workspace has one CI, and so one app of this kind to synthesize.
    for (const app of ['gitlab-access', 'circleci-access']) await workspace.remove(`apps/${app}`);
    // What `npm install` does to the lockfile; node_modules are links here.
    await workspace.run('npm', ['install', '--package-lock-only', '--ignore-scripts'], npmSettings());
    const commit = await workspace.commit('The shop, and three ways to ship it');

    const programs = await linkingNpm(join(folder, 'programs'));
    const machine = { aws, repository: workspace.root };
    return {
      aws,
      workspace,
      commit,
      installing: () => Runner.create({ ...machine, folder: join(folder, 'installing') }),
      linking: () => Runner.create({ ...machine, programs, folder: join(folder, 'linking') }),
      parameter: (account, region, name) => parameterOf(aws, account, region, name),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function parameterOf(aws: LocalAws, account: string, region: string, name: string): Promise<string | undefined> {
  const connected = createAws({
    listener: () => undefined,
    environment: { ...aws.environment(account), AWS_REGION: region },
  });
  try {
    const ssm: SSMClient = await connected.ssm({ account, region });
    const { Parameter: parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
    return parameter?.Value;
  } catch (error) {
    if ((error as Error).name === 'ParameterNotFound') return undefined;
    throw error;
  } finally {
    connected.destroy();
  }
}

/** The registry from which npm gets packages on this machine. */
function npmSettings(): Record<string, string> {
  const settings = Object.entries(process.env).filter(([name]) =>
    /^npm_config_(registry|cafile|.*proxy)$|_proxy$/i.test(name),
  );
  return { ...(Object.fromEntries(settings) as Record<string, string>), HOME: process.env['HOME'] ?? '' };
}
