import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { ENVIRONMENTS_FILE, readEnvironments } from '@nx-cdk/environments';
import type { ExecutorContext } from '@nx/devkit';
import type { AwsClients } from '../aws/index.ts';
import type { StackOwner } from '../cloudformation/index.ts';
import { Failure, recordFailure, reworded } from '../failure/index.ts';
import { isAskedFor, isLeftOut, missedConfiguration } from '../inputs/index.ts';
import {
  askForText,
  askYesOrNo,
  canAsk,
  type Conversation,
  createProgress,
  Recorder,
  redact,
} from '../progress/index.ts';
import type { RecordedCommand } from '../report/index.ts';
import type { AdmissionOptions } from './admission.ts';
import type { InstanceOptions } from './instance.ts';
import { fileOfInstance } from './instance-file.ts';
import { interruptible } from './interrupt.ts';
import { requireLimits } from './limits.ts';
import type { OtherApp } from './other-apps.ts';
import type { LiveReport } from './live-report.ts';
import { namingProject } from './name-project.ts';
import type { Scope, ScopeOptions, ScopeSettings, ScopeSource } from './scope.ts';
import { writeReport } from './write-report.ts';

/** Options that every executor of this plugin has. */
export interface CommonOptions {
  /** Write one JSON event a line instead of text. */
  readonly json?: boolean;
  /** Show each AWS call, and stack traces of errors. */
  readonly verbose?: boolean;
  /**
   * Where to write the JSON report of the run, relative to the workspace root. May hold `{projectName}`. False for no
   * page either, where an executor writes one.
   */
  readonly report?: string | boolean;
  /** Refuse to run without AWS_ENDPOINT_URL. */
  readonly requireEndpoint?: boolean;
}

/** An option of executors that have a page. */
export interface PageOptions {
  /** Serve the page on this machine while the command runs. @default false */
  readonly ui?: boolean;
}

/** What an executor works with. */
export interface Command extends ScopeSource {
  /** Aborted at the first Ctrl-C; the second one ends the process. */
  readonly signal: AbortSignal;
  /**
   * Shows some lines and asks for a yes or no; see `askYesOrNo`. The display stands still meanwhile.
   *
   * @returns undefined if there is nobody to ask
   */
  readonly ask: (question: string, lines: readonly string[]) => Promise<boolean | undefined>;
  /** Asks for a text in the same way; see `askForText`. */
  readonly askForText: (question: string) => Promise<string | undefined>;
  /** Whose releases and stacks those of the project are; see `ownerOf`. */
  readonly owner: () => Promise<StackOwner | undefined>;
  /** The other apps of the workspace; see `otherApps`. */
  readonly otherApps: () => Promise<readonly OtherApp[]>;
  /** Whether a page will show what happens, so that it is worth to look closer. */
  readonly isRecorded: boolean;
  /** What of an app the command is about; see `openScope`. */
  readonly scope: (options: ScopeOptions, settings?: ScopeSettings) => Promise<Scope>;
}

/** What differs from one executor to another, besides what they do. */
export interface ExecutorSettings<Options> {
  /** What Ctrl-C does to what runs, as a sentence. @default - stacks are followed to their end */
  readonly whenInterrupted?: string;
  /** Whether Ctrl-C is how it is meant to end, and no failure. @default false */
  readonly isEndless?: boolean;
  /**
   * What does not happen if Nx only runs it before a command that takes a release from where it is stored, such as
   * `synthesized`. @default - it always happens
   */
  readonly leftOut?: string;
  /**
   * What it is called on its page: it can be served, and it is written into `dist/reports`, but for what is endless.
   *
   * @default - it has none
   */
  readonly page?: RecordedCommand;
  /** Fills in options, before anything follows from them. @default - they are as they were given */
  readonly complete?: (options: Options, environments: Command['environments']) => Options;
}

/** How an executor ends. */
export interface CommandResult {
  readonly success: boolean;
  /** Written as it is to the file that `--report` names. */
  readonly report?: object;
}

/** Makes every executor verbose where options are fixed, such as in a pipeline. */
const VERBOSE_VARIABLE = 'NX_CDK_VERBOSE';

/**
 * Makes an executor for Nx: sets up progress, interruption and AWS, and turns every error into one sentence. It never
 * rejects: Nx would print a stack trace.
 *
 * @param body what the executor does
 */
export function defineExecutor<Options extends CommonOptions>(
  body: (options: Options, command: Command, context: ExecutorContext) => Promise<CommandResult>,
  {
    whenInterrupted,
    isEndless = false,
    leftOut,
    page,
    complete = (options) => options,
  }: ExecutorSettings<Options> = {},
) {
  return async (given: Options, context: ExecutorContext): Promise<{ success: boolean }> => {
    let options = given;
    const verbose =
      options.verbose === true || context.isVerbose || ['true', '1'].includes(process.env[VERBOSE_VARIABLE] ?? '');
    const progress = createProgress({ format: options.json === true ? 'json' : 'auto', verbose });
    const projectName = context.projectName ?? '';
    const isNeeded = leftOut === undefined || !isLeftOut(process.env, context.targetName);
    const isWritten = page !== undefined && !isEndless && given.report !== false && isNeeded;
    // Publishing before a deployment gets its options, if there is an instance. The page is that of the deployment.
    const isMeant = isAskedFor(process.env, context.targetName);
    const isServed = page !== undefined && (given as PageOptions).ui === true && isNeeded && isMeant;
    const recorder = isWritten || isServed ? new Recorder() : undefined;
    let live: LiveReport | undefined;
    const listener = namingProject((event) => {
      const failure = 'failure' in event ? event.failure : undefined;
      if (failure !== undefined) recordFailure(reworded(failure, redact));
      recorder?.listener(event);
      live?.changed();
      progress.listener(event);
    }, context);
    const interrupt = interruptible(listener, whenInterrupted);
    let connected: Promise<AwsClients> | undefined;
    const others = new Map<string, Promise<AwsClients>>();
    let result: CommandResult = { success: false };
    try {
      if (!isNeeded) {
        const text = `Nothing is ${leftOut}: the command names a release, which is taken from where it is stored.`;
        listener({ type: 'message', level: 'info', text });
        return { success: true };
      }
      requireEndpoint(options);
      requireLimits(options);
      const projectRoot = resolve(context.root, context.projectsConfigurations?.projects[projectName]?.root ?? '.');
      const environments = once((file = ENVIRONMENTS_FILE) => readEnvironments(resolve(context.root, file)));
      options = complete(given, environments);
      const shown = { command: page!, options, projectName, recorder: recorder! };
      if (isServed) live = await (await import('./live-report.ts')).openLiveReport(shown, progress.listener);
      const connect = async (environment?: string) => {
        requireConfiguration(context);
        const [{ createAws }, { admissionBy }, { profileOf }] = await Promise.all([
          import('../aws/index.ts'),
          import('./admission.ts'),
          import('./app-settings.ts'),
        ]);
        const given = options as AdmissionOptions;
        const about = environment === undefined ? given : { ...given, environment };
        const admission = admissionBy(about, projectRoot, environments);
        return createAws({ listener, admission, profile: profileOf(projectRoot, process.env) });
      };
      const talk = async <Answer>(ask: (conversation: Conversation) => Promise<Answer>) => {
        const output = options.json === true ? process.stderr : process.stdout;
        const conversation = { input: process.stdin, output, signal: interrupt.signal };
        if (!canAsk(conversation)) return undefined;
        const goOn = progress.hold();
        return ask(conversation).finally(goOn);
      };
      const command: Command = {
        workspaceRoot: context.root,
        projectRoot,
        projectName,
        listener,
        signal: interrupt.signal,
        isRecorded: recorder !== undefined,
        // Imported late: a synth from the cache and a failed option check need no AWS at all.
        aws: () => (connected ??= connect()),
        awsOf: (environment) => {
          const { environment: own } = options as AdmissionOptions;
          if (environment === undefined || environment === own) return command.aws();
          const known = others.get(environment) ?? connect(environment);
          others.set(environment, known);
          return known;
        },
        environments,
        workspaceFile: () => workspaceFile(context),
        ask: (question, lines) => talk((conversation) => askYesOrNo(question, lines, conversation)),
        askForText: (question) => talk((conversation) => askForText(question, conversation)),
        // Imported late: not every executor is about stacks, or an assembly.
        owner: async () => (await import('./owner.ts')).ownerOf(context.root, projectName),
        otherApps: async () => (await import('./other-apps.ts')).otherApps(context),
        scope: async (...about) => (await import('./scope.ts')).openScope(command, ...about),
      };
      result = await body(options, command, context);
      const { success, report } = result;
      if (typeof options.report === 'string' && report !== undefined) {
        const { instance } = options as InstanceOptions;
        const file = fileOfInstance(options.report.replaceAll('{projectName}', projectName), instance);
        await writeReport(resolve(context.root, file), report);
      }
      return { success: success && (isEndless || !interrupt.signal.aborted) };
    } catch (error) {
      const { explain } = await import('../aws/index.ts');
      const failure = explain(error);
      const { reported } = failure;
      listener({ type: 'message', level: 'error', text: textOf(failure, verbose), failure: reported });
      return { success: false };
    } finally {
      if (recorder !== undefined && page !== undefined) {
        const { shownRun, writePage } = await import('./write-page.ts');
        const run = shownRun({ command: page, options, projectName, recorder, result });
        await live?.end(run);
        if (isWritten && run.command !== 'dev') await writePage(run, { workspaceRoot: context.root, listener });
      }
      interrupt.dispose();
      // Nx may end the process before Node would write what `executors/start.js` has it keep.
      flushCompileCache();
      progress.stop();
      for (const one of [connected, ...others.values()]) await one?.then((aws) => aws.destroy()).catch(() => undefined);
    }
  };
}

/**
 * The environments file of the workspace, relative to its root: the plugin option `environmentsFile`, else
 * `environments.json` if it is there. An executor cannot be told another one: what holds for all apps is in it.
 */
function workspaceFile({ root, nxJsonConfiguration }: ExecutorContext): string | undefined {
  for (const plugin of nxJsonConfiguration?.plugins ?? []) {
    if (typeof plugin === 'string' || !/(^|\/)nx-cdk(\/plugin)?$/.test(plugin.plugin)) continue;
    const { environmentsFile } = (plugin.options ?? {}) as { readonly environmentsFile?: string };
    if (environmentsFile !== undefined) return environmentsFile;
  }
  return existsSync(resolve(root, ENVIRONMENTS_FILE)) ? ENVIRONMENTS_FILE : undefined;
}

/** Keeps what a function returned for an argument. */
function once<Result>(read: (file?: string) => Result): (file?: string) => Result {
  const known = new Map<string | undefined, Result>();
  return (file) => {
    const result = known.get(file) ?? read(file);
    known.set(file, result);
    return result;
  };
}

/**
 * @throws Failure `UnknownConfiguration` if the command has a configuration that the task does not: AWS would be
 * another one than that of the rest of the command
 */
function requireConfiguration({ configurationName, targetName, target }: ExecutorContext): void {
  const missed = missedConfiguration(process.env, configurationName);
  // A synthesis has no configuration, and then asks no AWS.
  if (missed === undefined || target?.executor === 'nx-cdk:synth') return;
  throw new Failure('UnknownConfiguration', {
    what: `The target ${targetName} has no configuration "${missed}", with which this command was started`,
    next: 'add it to the target (the option "configurations" of nx-cdk/plugin in nx.json does for all), or leave -c out',
  });
}

/** A configuration for a stand-in of AWS must never reach AWS itself because a file was missing. */
function requireEndpoint(options: CommonOptions): void {
  if (options.requireEndpoint === true && !process.env['AWS_ENDPOINT_URL']) {
    throw new Failure('NoEndpoint', {
      what: 'This configuration is for another endpoint than AWS, but AWS_ENDPOINT_URL is not set',
      next: 'start what writes the .env file of the configuration (npx local-aws start), or leave the configuration out to go to AWS',
    });
  }
}

function textOf(failure: Failure, verbose: boolean): string {
  if (!verbose) return failure.message;
  const trace = failure.stack?.replace(/^[^]*?(?=\n\s+at )/, '') ?? '';
  const cause = failure.cause instanceof Error ? `\nCaused by: ${failure.cause.stack ?? failure.cause.message}` : '';
  return `${failure.message}\nCode: ${failure.code}${trace}${cause}`;
}
