import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nxProgram, outsideOfNx, run } from '@nx-cdk/processes';
import { readCdkJsonIfAny } from '../../cdk-json/index.ts';
import { type Command, writeReport } from '../../command/index.ts';
import { type Verification, verificationId } from '../../deploy/index.ts';
import { Failure } from '../../failure/index.ts';
import { appEnvironment } from '../../inputs/index.ts';

/** Where AWS is, if names of AWS do not lead there: a check has to find the APIs that it calls. No secrets. */
const ENDPOINT = ['AWS_ENDPOINT_URL', 'NX_CDK_CA_FILE'];

/** What a check is told, besides what an app gets of the environment and the endpoint: no credentials. */
interface Told {
  /** JSON of the outputs of the environment's stacks, as `--outputsFile` has them. */
  readonly NX_CDK_OUTPUTS: string;
  /** Name of the environment. */
  readonly NX_CDK_ENVIRONMENT: string;
}

/**
 * Checks environments by Nx targets of the app, in processes of their own.
 *
 * @param targets names of the Nx targets, by environment
 * @param configuration that this command has
 */
export function nxVerification(
  { workspaceRoot, projectRoot, projectName, listener, signal }: Command,
  targets: ReadonlyMap<string, string>,
  configuration: string | undefined,
): Verification {
  const verify: Verification['verify'] = async (environment, outputs) => {
    const target = targets.get(environment)!;
    const folder = await mkdtemp(join(tmpdir(), 'nx-cdk-verify-'));
    try {
      const told: Told = { NX_CDK_OUTPUTS: join(folder, 'outputs.json'), NX_CDK_ENVIRONMENT: environment };
      await writeReport(told.NX_CDK_OUTPUTS, outputs);
      const config = readCdkJsonIfAny(projectRoot);
      const { passed } = appEnvironment({ workspaceRoot, projectRoot, config, passEnvironment: ENDPOINT }, process.env);
      const env = { ...outsideOfNx(passed), ...told, NX_TUI: 'false' };
      // Nothing of it is cached: it says something of an account.
      const args = ['run', `${projectName}:${target}`, '--skipNxCache', '--outputStyle=stream-without-prefixes'];
      if (configuration !== undefined) args.push(`--configuration=${configuration}`);
      const onLine = (line: string) => {
        const text = `${environment}: ${line}`;
        if (line !== '') listener({ type: 'message', level: 'info', id: verificationId(environment), text });
      };
      const end = await run(process.execPath, [nxProgram(workspaceRoot), ...args], {
        cwd: workspaceRoot,
        env,
        signal,
        onLine,
      });
      if (end.failure !== undefined) throw verifyFailed(environment, `${projectName}:${target}`, end.failure);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return { environments: [...targets.keys()], verify };
}

function verifyFailed(environment: string, target: string, why: string): Failure {
  return new Failure('VerifyFailed', {
    subject: environment,
    what: `its check (nx run ${target}) failed: ${why}`,
    next: 'its output is above; its stacks are deployed: correct the cause and deploy again, which checks again, or deploy what worked last',
  });
}
