import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { Assembly, AssemblyStack } from '../../assembly/index.ts';

/** What a test says of a stack; everything else has defaults. */
export type TestStack = Partial<Omit<AssemblyStack, 'templateFile' | 'environment'>> & {
  readonly id: string;
  readonly template?: object;
  readonly account?: string;
  readonly region?: string;
};

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';

/** A small but real assembly: templates on disk, to be removed with `dispose`. */
export function assemblyOf(wanted: readonly TestStack[]): Assembly & { dispose(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'deploy-assembly-'));
  const stacks = wanted.map((one): AssemblyStack => {
    const { template = queues('Queue'), account = ACCOUNT, region = REGION, ...rest } = one;
    const text = JSON.stringify(template);
    const templateFile = join(
      directory,
      `${createHash('sha256').update(one.id).digest('hex').slice(0, 12)}.template.json`,
    );
    writeFileSync(templateFile, text);
    return {
      stackName: one.id.replaceAll('/', '-'),
      target: { account, region },
      manifestFile: join(directory, 'manifest.json'),
      templateFile,
      parameters: {},
      dependencies: [],
      files: [],
      images: [],
      resources: new Map(),
      readAnnotations: () => [],
      ...rest,
    };
  });
  return {
    directory,
    stacks,
    files: [],
    images: [],
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A template of more than 51,200 bytes, which does not go into a request. */
export function largeTemplate(description = ''): object {
  return { Description: description, Metadata: { filling: 'x'.repeat(60_000) }, ...queues('Queue') };
}

/** A template with one queue for each logical id. */
export function queues(...logicalIds: string[]): { Resources: Record<string, object> } {
  return { Resources: Object.fromEntries(logicalIds.map((id) => [id, { Type: 'AWS::SQS::Queue' }])) };
}
