import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Assembly } from '../assembly/index.ts';
import { ignoredSettings, readCdkJsonIfAny, tagsOf } from '../cdk-json/index.ts';
import { namesCredentials } from '../inputs/index.ts';
import type { Listener } from '../progress/index.ts';

/** An assembly whose stacks have the tags that the `cdk.json` of its app states, if it states any. */
export function withStatedTags(assembly: Assembly, projectRoot: string): Assembly {
  const tags = tagsOf(readCdkJsonIfAny(projectRoot), projectRoot);
  return tags === undefined ? assembly : { ...assembly, stacks: assembly.stacks.map((stack) => ({ ...stack, tags })) };
}

/**
 * The profile that a `cdk.json` names. Unlike with the CDK CLI, credentials of the environment win: each step of a CI
 * has its own, and so has the local AWS.
 */
export function profileOf(projectRoot: string, environment: NodeJS.ProcessEnv): string | undefined {
  return namesCredentials(environment) ? undefined : readCdkJsonIfAny(projectRoot).profile;
}

/** Names the settings of a `cdk.json` that mean nothing here: once, until they differ. */
export function tellIgnoredSettings(projectRoot: string, workspaceRoot: string, listener: Listener): void {
  const ignored = ignoredSettings(readCdkJsonIfAny(projectRoot));
  if (ignored.length === 0) return;
  const name = relative(workspaceRoot, join(projectRoot, 'cdk.json'));
  const text = `${name}: nothing follows from ${ignored.join(', ')}. This is said once.`;
  const file = join(workspaceRoot, 'node_modules', '.cache', 'nx-cdk', 'told', hash('sha256', name).slice(0, 16));
  if (textOf(file) === text) return;
  listener({ type: 'message', level: 'info', text });
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch {
    // Where nothing can be kept, it is said again.
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
