import { type EngineDependencies, explain } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { DevReport, DevRequest, EditReport } from './contract.ts';
import { LogTail } from './logs.ts';
import { DevSession } from './session.ts';
import { Edits } from './watch.ts';

/**
 * Brings the app to one environment, and each edit after that, until the signal fires. What goes wrong with an edit is
 * told, and the next one waited for.
 *
 * @throws Failure `RoleNotAdmitted` or `AssumeRoleDenied` if the hotswap role cannot be used, `Watch` if files cannot
 * be watched, `EnvironmentsChanged` if the environments file is edited: it says what may be done
 */
export async function dev(request: DevRequest, dependencies: EngineDependencies): Promise<DevReport> {
  const { environments, environment: name, workspace } = request;
  const { listener, signal = new AbortController().signal } = dependencies;
  const { targets } = environments.environments.find((one) => one.name === name)!;
  const session = new DevSession(request, dependencies);
  await session.functions.requireRoles(targets);
  const edits = new Edits(workspace);
  const reports: EditReport[] = [];
  const tail = new LogTail(dependencies);
  let hasTold = false;
  const say = (text: string) => listener({ type: 'message', level: 'info', text });

  const attempt = async (files: readonly string[], work: () => Promise<EditReport>) => {
    tail.wake();
    try {
      reports.push(await work());
    } catch (error) {
      if (signal.aborted) return;
      const { message, reported } = explain(error);
      listener({ type: 'message', level: 'error', text: message, failure: reported });
      reports.push({ files, outcome: 'failed', did: [], seconds: {} });
    }
    if (request.logs !== false) tail.follow(groupsOf(session));
    if (session.unknownToCloudFormation.length > 0 && !hasTold) {
      hasTold = true;
      say(`CloudFormation does not know the code of what was swapped: ${ways(request)}`);
    }
    say('Waiting for edits; Ctrl-C ends.');
  };

  const loop = async () => {
    await edits.start(environments.file);
    await attempt([], () => session.start());
    for (;;) {
      const files = await edits.next();
      if (files.includes(environments.file)) throw changed(environments.file);
      await attempt(files, () => session.bring(files));
      if (await workspace.refresh(files)) edits.renew();
    }
  };

  try {
    await Promise.race([loop(), ended(signal), tail.run(signal).then(() => ended(signal))]);
  } finally {
    await edits.stop();
  }
  const { unknownToCloudFormation } = session;
  if (unknownToCloudFormation.length > 0) {
    const names = unknownToCloudFormation.join(', ');
    say(`What runs something else than CloudFormation has given it: ${names}. ${ways(request)}`);
  }
  return { environment: name, edits: reports, unknownToCloudFormation };
}

function groupsOf({ all, functions }: DevSession) {
  return all.flatMap(({ logGroup, target, name }) =>
    logGroup === undefined ? [] : [{ name: logGroup, label: name, session: functions.sessionIn(target) }],
  );
}

async function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function changed(file: string): Failure {
  const what = `${file} has changed, which says what may be done`;
  return new Failure('EnvironmentsChanged', { what, next: 'start nx dev again' });
}

/** How CloudFormation gets to know what was swapped. */
function ways({ project, environment, instance }: DevRequest): string {
  const which = instance === undefined ? '' : ` --instance=${instance}`;
  return (
    `"nx deploy-${environment} ${project}${which}" deploys the code of the workspace, unless that is what was deployed ` +
    `last; "nx dev ${project}${which}" then puts it right.`
  );
}
