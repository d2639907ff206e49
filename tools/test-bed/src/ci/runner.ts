import { statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { LocalAws } from '@nx-cdk/local-aws';
import { stepEnvironment } from '@nx-cdk/pipeline-walker';
import { type ProcessResult, runProcess } from '../process.ts';

/** The folder that all jobs of a runner share for temporary files, as on a machine that keeps its disk. */
const TEMPORARY = 'tmp';

/** A machine that jobs run on, of any CI. */
export interface RunnerOptions {
  readonly aws: LocalAws;
  /** For the folders of jobs and what they hand on; absolute. */
  readonly folder: string;
  /** The repository that is cloned; absolute. */
  readonly repository: string;
  /** Comes first in PATH: a stand-in for npm, or a Node. @default - the machine's own */
  readonly programs?: string;
  /** Of every job: where package managers get packages, and keep them. @default - as on this machine */
  readonly variables?: Readonly<Record<string, string>>;
}

/** How a job ended. */
export interface JobEnd {
  readonly name: string;
  readonly outcome: 'success' | 'failure' | 'skipped';
  readonly output: string;
  /** Markdown that the page of the run shows, on GitHub. */
  readonly summary?: string;
}

/** A machine for one pipeline: a new folder for each job, and a place for what jobs hand on. */
export class Runner {
  readonly ends: JobEnd[] = [];
  /** Called when a job has ended, with the folder of what jobs hand on: for what a job that was taken over could do. */
  afterJob: (name: string, artifacts: string) => void | Promise<void> = () => undefined;
  readonly #options: RunnerOptions;
  readonly #artifacts: string;

  private constructor(options: RunnerOptions, artifacts: string) {
    this.#options = options;
    this.#artifacts = artifacts;
  }

  static async create(options: RunnerOptions): Promise<Runner> {
    await mkdir(join(options.folder, TEMPORARY), { recursive: true });
    return new Runner(options, await realpath(await mkdtemp(join(options.folder, 'artifacts-'))));
  }

  get aws(): LocalAws {
    return this.#options.aws;
  }

  get repository(): string {
    return this.#options.repository;
  }

  /** An empty folder for a job. */
  async folder(job: string): Promise<string> {
    return realpath(await mkdtemp(join(this.#options.folder, `${job.replace(/\W+/g, '-')}-`)));
  }

  /** What a checkout with full history leaves: the branch, and the other branches as those of the remote. */
  async clone(folder: string, ref: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const { code, output } = await this.shell(
      `git clone -q --no-local "${this.#options.repository}" . && git checkout -q ${ref}`,
      folder,
      {},
    );
    if (code !== 0) throw new Error(`git clone: ${output}`);
  }

  /**
   * Runs text in bash as all three systems do: it ends at the first line that fails.
   *
   * @throws Error if a token is left behind for the next job to read
   */
  async shell(
    text: string,
    folder: string,
    variables: Readonly<Record<string, string>>,
    credentials?: AwsCredentialIdentity,
  ): Promise<ProcessResult> {
    const { aws, programs, variables: ofMachine } = this.#options;
    const outer = { ...process.env, ...withoutKeys(aws.environment()) };
    const path = (process.env['PATH'] ?? '').split(':').filter((part) => !part.endsWith('/node_modules/.bin'));
    const temporary = join(this.#options.folder, TEMPORARY);
    const env = stepEnvironment(outer, {
      ...(credentials === undefined ? {} : { credentials }),
      home: await mkdtemp(join(this.#options.folder, 'home-')),
      variables: {
        PATH: [...(programs === undefined ? [] : [programs]), ...path].join(':'),
        NX_DAEMON: 'false',
        AWS_EC2_METADATA_DISABLED: 'true',
        TMPDIR: temporary,
        ...ofMachine,
        ...variables,
      },
    });
    const ended = await runProcess('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', text], {
      cwd: folder,
      env,
    });
    const left = (await readdir(temporary)).filter((name) => name.startsWith('tmp.'));
    if (left.length > 0) throw new Error(`A job left ${left.join(', ')} in the temporary folder:\n${ended.output}`);
    return ended;
  }

  /**
   * Keeps a file or a folder of a job for later ones.
   *
   * @param contents of a folder, only what is in it
   */
  async store(name: string, file: string, { contents = false } = {}): Promise<void> {
    const inside = contents && statSync(file).isDirectory() ? '.' : basename(file);
    await cp(file, join(this.#artifacts, name, inside), { recursive: true });
  }

  async fetch(name: string, folder: string): Promise<void> {
    await mkdir(dirname(join(folder, 'x')), { recursive: true });
    await cp(join(this.#artifacts, name), folder, { recursive: true });
  }

  /** Notes how a job ended. */
  async end(name: string, outcome: JobEnd['outcome'], output = '', summary?: string): Promise<JobEnd> {
    const end = { name, outcome, output, ...(summary && { summary }) };
    this.ends.push(end);
    await this.afterJob(name, this.#artifacts);
    return end;
  }
}

function withoutKeys(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !/^(AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|REGION)|NX_CDK_SERVICE_SESSIONS.*)$/.test(name),
    ),
  );
}

/** The outcome of each job, by its name. */
export const outcomes = (ends: readonly JobEnd[]) =>
  Object.fromEntries(ends.map(({ name, outcome }) => [name, outcome]));

/** What a job wrote, by the beginning of its name. */
export const outputOf = (ends: readonly JobEnd[], job: string) =>
  ends.find(({ name }) => name.startsWith(job))?.output ?? '';

/** The Markdown that the page of the run shows of a job. */
export const summaryOf = (ends: readonly JobEnd[], job: string) =>
  ends.find(({ name }) => name.startsWith(job))?.summary ?? '';

/** A pipeline whose jobs all ended well; shows what the first other one wrote. */
export function green(ends: readonly JobEnd[]): string[] {
  const other = ends.find(({ outcome }) => outcome !== 'success');
  if (other !== undefined) throw new Error(`${other.name} ended with ${other.outcome}:\n${other.output}`);
  return ends.map(({ name }) => name);
}
