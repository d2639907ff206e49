import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure/index.ts';

/** What this plugin reads of a `cdk.json` (https://docs.aws.amazon.com/cdk/v2/guide/cli.html#cli-config). */
export interface CdkJson {
  /** Command line that runs the app. */
  readonly app?: string;
  /** Command line to run before the app. */
  readonly build?: string;
  /** Folder of the assembly, relative to the app; `cdk.out` by default. */
  readonly output?: string;
  readonly context?: Readonly<Record<string, unknown>>;
  /** Whether the Metadata resource goes into templates; the CLI's `--version-reporting`. */
  readonly versionReporting?: boolean;
  readonly pathMetadata?: boolean;
  readonly assetMetadata?: boolean;
  /** CDK plugins, by package or path; only lookups use them. */
  readonly plugin?: string | readonly string[];
  /** The profile to call AWS with, if the environment names no credentials of its own. */
  readonly profile?: string;
  /** Tags of every stack, in place of those that the app gives it. */
  readonly tags?: readonly { readonly Key: string; readonly Value: string }[];
  /** Name of the bootstrap stack. */
  readonly toolkitStackName?: string;
  /** Which changes a person has to agree to: `never`, `any-change`, `broadening`. */
  readonly requireApproval?: string;
  /** Where a deployment writes outputs, relative to the app. */
  readonly outputsFile?: string;
}

/** The context key by which an app says that its stages are the environments of a file. */
export const ENVIRONMENTS_CONTEXT = 'nx-cdk:environments';

/** The context key by which an app says that it makes the pipeline to the environments of a file. */
export const PIPELINE_CONTEXT = 'nx-cdk:pipeline';

/** The context key by which an app names further variables of the environment that it gets, as a list. */
export const ENVIRONMENT_CONTEXT = 'nx-cdk:passEnvironment';

/**
 * Reads the `cdk.json` of a project.
 *
 * @throws Failure `CdkJson` if it is missing or no JSON
 */
export function readCdkJson(projectRoot: string): CdkJson {
  const file = join(projectRoot, 'cdk.json');
  if (!existsSync(file))
    throw new Failure('CdkJson', { what: `${projectRoot} has no cdk.json`, next: 'it is no CDK app' });
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as CdkJson;
  } catch (cause) {
    const next = (cause as Error).message;
    throw new Failure('CdkJson', { what: `${file} is no valid JSON`, next }, { cause });
  }
}

/** The same; nothing for a folder without one, such as that of an assembly that another tool has made. */
export function readCdkJsonIfAny(projectRoot: string): CdkJson {
  return existsSync(join(projectRoot, 'cdk.json')) ? readCdkJson(projectRoot) : {};
}
