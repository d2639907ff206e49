import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAssembly } from 'nx-cdk/src/assembly/index.ts';
import { type AwsClients, createAws } from 'nx-cdk/src/aws/index.ts';
import { bootstrap } from 'nx-cdk/src/bootstrap/index.ts';
import { deploy } from 'nx-cdk/src/deploy/index.ts';
import { diff } from 'nx-cdk/src/diff/index.ts';
import { preview } from 'nx-cdk/src/plan/index.ts';
import type { ProgressEvent } from 'nx-cdk/src/progress/events.ts';
import { publish } from 'nx-cdk/src/publish/index.ts';
import { synthesize } from 'nx-cdk/src/synth/index.ts';

/*
 * The whole way of an app, as a program of its own: the CDK toolkit that it loads may be another one than that of the
 * workspace. Says as JSON how each step ended.
 */

const CI = '123456789012';
const PLACE = { account: '111111111111', region: 'eu-west-1' };

const projectRoot = process.argv[2]!;
const messages: string[] = [];
const listener = (event: ProgressEvent) => {
  if (event.type === 'message' && (event.level === 'error' || event.level === 'warning')) messages.push(event.text);
};

/** Each step is a process of its own in real life, with sessions of its own. */
async function step<T>(work: (dependencies: { aws: AwsClients; listener: typeof listener }) => Promise<T>): Promise<T> {
  const aws = createAws({ listener });
  try {
    return await work({ aws, listener });
  } finally {
    aws.destroy();
  }
}

const target = {
  label: PLACE.account,
  ...PLACE,
  qualifier: 'hnb659fds',
  access: { roleArn: `arn:aws:iam::${PLACE.account}:role/OrganizationAccountAccessRole`, roleIsChosen: false },
  trust: [CI],
  executionPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
};
const outcomesOf = (report: { stacks: readonly { id: string; outcome: string; failure?: { message: string } }[] }) =>
  report.stacks.map(({ id, outcome, failure }) => `${id} ${failure?.message ?? outcome}`);

const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as { version: string };

const bootstrapped = await step((dependencies) => bootstrap({ targets: [target] }, dependencies));
const { assembly } = await step((dependencies) =>
  synthesize({ workspaceRoot: projectRoot, projectRoot, lookups: false }, dependencies),
);
const stacks = assembly.stacks.map(({ id }) => id);
const planned = await step((dependencies) => preview({ assembly, stacks }, dependencies, 'plan'));
const published = await step((dependencies) => publish({ files: assembly.files }, dependencies));
const deployed = await step((dependencies) => deploy({ assembly, stacks }, dependencies));
const compared = await step((dependencies) => diff({ assembly, stacks }, dependencies));
const again = await step((dependencies) =>
  deploy({ assembly: readAssembly(assembly.directory), stacks }, dependencies),
);

console.log(
  JSON.stringify({
    toolkit: readJson(fileURLToPath(import.meta.resolve('@aws-cdk/toolkit-lib/package.json'))).version,
    schema: readJson(join(assembly.directory, 'manifest.json')).version,
    bootstrapped: bootstrapped.success,
    planned: outcomesOf(planned.report),
    published: published.success,
    deployed: outcomesOf(deployed),
    compared: outcomesOf(compared),
    again: outcomesOf(again),
    messages,
  }),
);
