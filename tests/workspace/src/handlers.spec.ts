import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { cases } from '@handlers/shipping-quote-contract';
import {
  type DeployReport,
  openWorkspaceBed,
  QUOTES,
  reportOf,
  rootClients,
  STAGING,
  type WorkspaceBed,
} from 'test-bed';

const program = (language: string) => `libs/handlers/shipping-quote-${language}/dist/bootstrap`;

describe('Handlers in TypeScript, Go and Rust', () => {
  let bed: WorkspaceBed;
  let outputs: Readonly<Record<string, string>>;
  /** What this machine has a compiler for. */
  let languages: string[];

  beforeAll(async () => {
    bed = await openWorkspaceBed({ bootstrapped: true });
    const { report } = await reportOf<DeployReport>(
      bed.workspace,
      ['deploy-staging', 'quotes'],
      bed.local.environment(),
    );
    outputs = report.stacks.find(({ id }) => id === QUOTES.staging)!.outputs;
    languages = ['go', 'rust', 'typescript'].filter(
      (language) => language !== 'rust' || existsSync(bed.workspace.path(program('rust'))),
    );
  });
  afterAll(() => bed?.close());

  test.each(['typescript', 'go', 'rust'])('the one in %s keeps the contract where it is deployed', async (language) => {
    // given
    const lambda = rootClients(bed.local, STAGING).lambda();
    const FunctionName = outputs[`${idOf(language)}Name`];
    if (!languages.includes(language)) return expect(FunctionName).toBeUndefined();
    const invoke = async (request: unknown) => {
      const { Payload: payload, FunctionError: error } = await lambda.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify(request) }),
      );
      return { answer: JSON.parse(Buffer.from(payload ?? []).toString()) as unknown, error };
    };

    // when
    const answers: object[] = [];
    for (const { name, request } of cases) answers.push({ name, ...(await invoke(request)) });

    // then
    expect(answers).toEqual(
      cases.map(({ name, response }) => ({ name, answer: { ...response, handler: language }, error: undefined })),
    );
  });

  test('are compiled again for the other architecture, and only where their compiler can', async () => {
    // given
    const settings = await readFile(bed.workspace.path('nx.json'), 'utf8');
    await bed.workspace.write('nx.json', settings.replace('"architecture": "x86_64"', '"architecture": "arm64"'));
    try {
      // when
      await bed.workspace.nx(['build', 'shipping-quote-go']);

      // then it is a program for 64-bit ARM (ELF specification, e_machine)
      expect((await readFile(bed.workspace.path(program('go')))).readUInt16LE(18)).toBe(0xb7);
    } finally {
      await bed.workspace.write('nx.json', settings);
    }
  });

  describe('on a machine without Rust', () => {
    let machine: { PATH: string };
    beforeAll(async () => {
      await bed.workspace.write('tmp/bin/rustc', '#!/bin/sh\nexit 127\n');
      await chmod(bed.workspace.path('tmp/bin/rustc'), 0o755);
      const path = `${bed.workspace.path('node_modules/.bin')}:${process.env['PATH']}`;
      machine = { PATH: `${bed.workspace.path('tmp/bin')}:${path}` };
    });

    test('the one in Rust is left out, and both build and synth say so, from the cache too', async () => {
      for (const attempt of ['compiled', 'from the cache']) {
        const { output } = await bed.workspace.nx(['synth', 'quotes', '--outputStyle=static'], machine);

        const said = output.match(/shipping-quote-rust is left out, as this machine has no Rust: install Rust/g);
        expect({ attempt, said: said!.length >= 2 }).toEqual({ attempt, said: true });
        expect(await quotesOfAssembly()).toEqual(['QuoteInGo', 'QuoteInTypescript']);
      }
    });

    test('a CI refuses, whatever the cache holds', async () => {
      const { output } = await bed.workspace.refusedNx(['synth', 'quotes'], { ...machine, CI: 'true' });

      expect(output).toContain('shipping-quote-rust cannot be compiled, as this machine has no Rust');
    });

    test('it is back as soon as there is Rust', async () => {
      await bed.workspace.nx(['synth', 'quotes']);

      expect(await quotesOfAssembly()).toEqual(languages.map(idOf));
    });
  });

  /** What a language's function is called in the stack. */
  function idOf(language: string): string {
    return `QuoteIn${language[0]!.toUpperCase()}${language.slice(1)}`;
  }

  /** Ids of the shipping quotes that the assembly would deploy to staging. */
  async function quotesOfAssembly(): Promise<string[]> {
    const folder = 'apps/quotes/cdk.out/assembly-staging';
    const manifest = await bed.workspace.readJson<{
      artifacts: Record<string, { properties?: { templateFile?: string } }>;
    }>(`${folder}/manifest.json`);
    const files = Object.values(manifest.artifacts).flatMap(({ properties }) => properties?.templateFile ?? []);
    const template = await bed.workspace.readJson<{ Outputs: Record<string, unknown> }>(`${folder}/${files[0]}`);
    return Object.keys(template.Outputs)
      .filter((name) => name.startsWith('QuoteIn'))
      .map((name) => name.replace(/Name$/, ''))
      .sort();
  }
});
