import { chmod } from 'node:fs/promises';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  type DeployReport,
  openWorkspaceBed,
  podmanWorks,
  reportOf,
  rootClients,
  STAGING,
  type WorkspaceBed,
} from 'test-bed';

const LANGUAGES = ['typescript', 'python', 'go', 'rust', 'container'];
const PROJECTS = ['market', ...LANGUAGES.map((language) => `greet-${language}`)].join(',');

const withImages = podmanWorks();

describe('An app with a stack and a function in each language, all of them generated', () => {
  let bed: WorkspaceBed;
  /** Finds an npm that links new packages and installs nothing. */
  let machine: { PATH: string };

  const generate = async (...words: string[]): Promise<string> => {
    const { output } = await bed.workspace.nx(['generate', ...words, '--no-interactive'], machine);
    return output;
  };
  const changes = async () => (await bed.workspace.run('git', ['status', '--porcelain'])).stdout;

  beforeAll(async () => {
    bed = await openWorkspaceBed({ bootstrapped: true });
    const PATH = `${bed.workspace.path('node_modules/.bin')}:${process.env['PATH']}`;
    await bed.workspace.write('tmp/bin/npm', linkingNpm(PATH));
    await chmod(bed.workspace.path('tmp/bin/npm'), 0o755);
    machine = { PATH: `${bed.workspace.path('tmp/bin')}:${PATH}` };
  });
  afterAll(() => bed?.close());

  test('a dry run lists files and writes none', async () => {
    const output = await generate('nx-cdk:app', 'market', '--dry-run');
    expect(output).toContain('CREATE apps/market/src/main.ts');
    expect(output).not.toContain('Next:');
    expect(await changes()).toBe('');
  });

  test('a name that cannot be one is refused in one sentence', async () => {
    const { output, code } = await bed.workspace.refusedNx(['generate', 'nx-cdk:app', 'Market'], machine);
    expect(code).toBe(1);
    expect(output).toContain('"Market" cannot be a name: use lower-case letters');
    expect(output).not.toMatch(/^\s+at /m);
  });

  test('types are right, everything is built, and tests pass', async () => {
    // given
    await generate('nx-cdk:app', 'market');
    await generate('nx-cdk:stack', 'reports', '--project=market');
    const said: string[] = [];
    for (const language of LANGUAGES) {
      said.push(await generate('nx-cdk:handler', `greet-${language}`, `--language=${language}`, '--project=market'));
    }
    await use(said);

    // when
    const { output } = await bed.workspace.nx(['run-many', '-t', 'build,typecheck,test', '-p', PROJECTS], machine);

    // then
    expect(output).toContain('Successfully ran targets build, typecheck, test for 6 projects');
  });

  test('asked for again, nothing is written', async () => {
    await bed.workspace.commit('Generated');
    await generate('nx-cdk:app', 'market');
    await generate('nx-cdk:stack', 'reports', '--project=market');
    for (const language of LANGUAGES) await generate('nx-cdk:handler', `greet-${language}`, `--language=${language}`);
    expect(await changes()).toBe('');
  });

  test('every function greets whoever calls, where it is deployed', async () => {
    const { report } = await reportOf<DeployReport>(bed.workspace, ['deploy-staging', 'market'], {
      ...bed.local.environment(),
      ...machine,
    });

    const lambda = rootClients(bed.local, STAGING).lambda();
    const answers: Record<string, unknown> = {};
    for (const [output, FunctionName] of Object.entries(
      Object.assign({}, ...report.stacks.map((one) => one.outputs)) as Record<string, string>,
    )) {
      if (!output.endsWith('Name')) continue;
      const { Payload: payload } = await lambda.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify({ name: 'Ada' }) }),
      );
      answers[output] = JSON.parse(Buffer.from(payload ?? []).toString());
    }
    expect(answers).toEqual(Object.fromEntries(deployed().map((id) => [`${id}Name`, { greeting: 'Hello, Ada!' }])));
  });

  /** Puts the printed lines into the stack; the name of each function becomes an output. */
  async function use(said: readonly string[]): Promise<void> {
    const stack = 'apps/market/src/inbox-stack.ts';
    const lines = said.flatMap((text) => text.split('\n').map((line) => line.trim()));
    const imports = [...new Set(lines.filter((line) => /^import \{ (greet|HandlerFunction)/.test(line)))];
    const functions = deployed().map((id) => {
      const line = lines.find((one) => one.startsWith(`new HandlerFunction(this, '${id}'`))!;
      return `new CfnOutput(this, '${id}Name', { value: ${line.replace(';', '')}.function.functionName });`;
    });
    await bed.workspace.replace(stack, 'import { CfnOutput', `${imports.join('\n')}\nimport { CfnOutput`);
    await bed.workspace.replace(
      stack,
      "    new CfnOutput(this, 'InboxUrl'",
      `    ${functions.join('\n    ')}\n    new CfnOutput(this, 'InboxUrl'`,
    );
  }

  /** Ids of the functions that this machine can build. */
  function deployed(): string[] {
    return LANGUAGES.filter((language) => language !== 'container' || withImages).map(
      (language) => `Greet${language[0]!.toUpperCase()}${language.slice(1)}`,
    );
  }
});

/** A program that, asked to install, links the packages of new handlers, as npm does, and is the real npm otherwise. */
function linkingNpm(path: string): string {
  return `#!/bin/sh
if [ "$1" = install ]; then
  for folder in libs/handlers/greet-*; do
    ln -sfn "../../$folder" "node_modules/@handlers/$(basename "$folder")"
  done
else
  PATH='${path}' exec npm "$@"
fi
`;
}
