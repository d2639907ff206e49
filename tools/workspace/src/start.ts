import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from 'nx-cdk/progress';
import { type Answer, callApi } from './call-api.ts';
import { INTERRUPTED, WORKSPACE_ROOT, node, nx, withoutAws } from './nx.ts';

const HELP = `npm start [-- --port=4566]

Installs what is missing, starts the local AWS, bootstraps its accounts, deploys apps/infra to every environment and calls its API.
Nothing leaves this machine. Run it again after a change: only what changed is deployed.

  --port   port of the local AWS, 4566 if nothing is said`;

/** What this reads of the report of a deployment. */
interface DeployReport {
  readonly stacks: readonly {
    readonly id: string;
    readonly account: string;
    readonly region: string;
    readonly outcome: string;
    readonly changes: { readonly added: number; readonly modified: number; readonly removed: number };
    readonly seconds: number;
    readonly outputs: Readonly<Record<string, string>>;
  }[];
}

const { values } = parseArgs({ options: { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help === true) {
  console.log(HELP);
  process.exit(0);
}

const started = Date.now();
const environment = withoutAws(process.env);
const reportFile = join('tmp', 'start', 'deploy.json');
await mkdir(join(WORKSPACE_ROOT, 'tmp', 'start'), { recursive: true });

await step('starting the local AWS', () => {
  const port = values.port === undefined ? [] : [`--port=${values.port}`];
  return node([join('tools', 'local-aws', 'src', 'main.ts'), 'start', ...port], { environment });
});
await step('bootstrapping the accounts', () => nx(['bootstrap', 'infra', '-c', 'local-aws'], { environment }));
const deploy = ['deploy', 'infra', '-c', 'local-aws', `--report=${reportFile}`];
await step('deploying', () => nx(deploy, { environment }));

const report = JSON.parse(await readFile(join(WORKSPACE_ROOT, reportFile), 'utf8')) as DeployReport;
const rows = await Promise.all(
  report.stacks.map(async (stack) => {
    const url = stack.outputs['ApiUrl'];
    const answer: Answer | undefined = url === undefined ? undefined : await callApi(url, stack);
    return { ...stack, url, answer };
  }),
);

console.log(
  `\n${formatTable(
    rows.map(({ id, account, region, outcome, changes, seconds, url, answer }) => ({
      stack: id,
      where: `${account}/${region}`,
      changed: describe(outcome, changes),
      seconds: seconds.toFixed(1),
      url: url ?? '',
      answer: answer?.text ?? '',
    })),
    [
      { key: 'stack', title: 'Stack' },
      { key: 'where', title: 'Account/Region', whole: true },
      { key: 'changed', title: 'Changed' },
      { key: 'seconds', title: 'Seconds', align: 'right' },
      { key: 'url', title: 'URL', whole: true },
      { key: 'answer', title: 'Answer' },
    ],
  )}`,
);
const silent = rows.filter(({ answer }) => answer?.ok === false);
const changed = rows.filter(({ outcome }) => outcome !== 'unchanged').length;
const seconds = Math.round((Date.now() - started) / 1000);
if (silent.length > 0) {
  console.error(
    `\n${silent.map(({ id }) => id).join(', ')} did not answer as expected: see .local-aws/default/log.txt.`,
  );
  process.exitCode = 1;
} else {
  console.log(
    `\n${changed === 0 ? 'Nothing changed' : `${changed} of ${rows.length} stacks changed`}, ${seconds} s. The local AWS runs on: npx nx run local-aws:stop ends it.`,
  );
}

async function step(what: string, run: () => Promise<number>): Promise<void> {
  const code = await run();
  if (code === 0) return;
  console.error(
    code === INTERRUPTED
      ? '\nInterrupted; npm start picks up where this stopped.'
      : `\n${what[0]?.toUpperCase()}${what.slice(1)} failed, see above; then run npm start again.`,
  );
  process.exit(code);
}

function describe(outcome: string, { added, modified, removed }: DeployReport['stacks'][number]['changes']): string {
  const parts = [
    added > 0 && `${added} added`,
    modified > 0 && `${modified} modified`,
    removed > 0 && `${removed} removed`,
  ].filter(Boolean);
  return parts.length === 0 ? outcome : `${outcome}: ${parts.join(', ')}`;
}
