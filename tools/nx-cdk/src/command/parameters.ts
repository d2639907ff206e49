import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AssemblyStack } from '../assembly/index.ts';
import { GivenParameters } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';

/** Options that give CloudFormation parameters. */
export interface ParameterOptions {
  /** `Key=Value` or `Stack:Key=Value`; a value `@env:NAME` is that of an environment variable. */
  readonly parameters?: readonly string[] | string;
  /** A JSON file of the same, relative to the workspace root: `{ "Key": "Value", "Stack:Key": "@env:NAME" }`. */
  readonly parametersFile?: string;
}

const FROM_ENVIRONMENT = '@env:';

/**
 * The parameters of a run: those of the file, and those of the command line, which come after them and win. What is
 * secret belongs into the file or the environment: a command line is seen in lists of processes, in what Nx repeats of
 * it, and in the files that Nx keeps of its runs.
 *
 * @throws Failure `BadParameter` naming the file, the parameter or the variable, and never a value
 */
export async function givenParameters(
  { parameters = [], parametersFile }: ParameterOptions,
  workspaceRoot: string,
  stacks: readonly AssemblyStack[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<GivenParameters> {
  const fromFile = parametersFile === undefined ? [] : await readParameters(resolve(workspaceRoot, parametersFile));
  const texts = [...fromFile, ...[parameters].flat()];
  return new GivenParameters(
    texts.map((text) => fromEnvironment(text, environment)),
    stacks,
  );
}

async function readParameters(file: string): Promise<string[]> {
  const refuse = (what: string, cause?: unknown): never => {
    const next = 'write { "Key": "Value", "Stack:Key": "Value" } as JSON into it';
    throw new Failure('BadParameter', { what: `${file} ${what}`, next }, { cause });
  };
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) =>
    refuse(cause.code === 'ENOENT' ? 'is not there' : `cannot be read (${cause.code})`, cause),
  );
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Without the reason: it quotes what it could not read, which may be a secret.
    refuse('is no JSON');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return refuse('holds no JSON object');
  return Object.entries(content).map(([key, value]: [string, unknown]) =>
    ['string', 'number', 'boolean'].includes(typeof value)
      ? `${key}=${value as string}`
      : refuse(`has no text, number or switch for "${key}"`),
  );
}

/** @param text `Key=Value`; one that is not written so is told later */
function fromEnvironment(text: string, environment: NodeJS.ProcessEnv): string {
  const [name, value] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
  if (!text.includes('=') || !value.startsWith(FROM_ENVIRONMENT)) return text;
  const variable = value.slice(FROM_ENVIRONMENT.length);
  const found = environment[variable];
  if (found !== undefined) return `${name}=${found}`;
  throw new Failure('BadParameter', {
    what: `Parameter "${name}" is to be the value of the environment variable ${variable}, which is not set`,
    next: 'set it for this command',
  });
}
