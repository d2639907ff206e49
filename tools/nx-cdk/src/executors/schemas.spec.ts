import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import params from 'nx/src/utils/params.js';
import ts from 'typescript';

interface Schema {
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
}

interface Patterns {
  readonly patternProperties?: object;
}

const PACKAGE = join(import.meta.dirname, '..', '..');
const { executors } = JSON.parse(readFileSync(join(PACKAGE, 'executors.json'), 'utf8')) as {
  executors: Record<string, { implementation: string; schema: string; description: string }>;
};

describe.each(Object.entries(executors))('nx-cdk:%s', (_, { implementation, schema, description }) => {
  const text = readFileSync(join(PACKAGE, schema), 'utf8');
  const content = JSON.parse(text) as Schema;

  test('exists, with a word on what it does', async () => {
    const [file = '', executor] = implementation.split('#');
    expect(await import(join(PACKAGE, file))).toMatchObject({ [executor!]: expect.any(Function) });
    expect(existsSync(join(PACKAGE, dirname(schema), 'executor.ts'))).toBe(true);
    expect(description).toMatch(/\.$/);
  });

  test('has a schema that is one, and describes every option', () => {
    const ajv = new Ajv({ strict: false });
    // The meta schema that Nx names is not one that validators know.
    expect(ajv.validateSchema({ ...content, $schema: undefined })).toBe(true);
    const silent = Object.keys(content.properties).filter((name) => !content.properties[name]!.description);
    expect(silent).toEqual([]);
  });

  test('has the same options in its schema as in its types', () => {
    const types = optionsOf(join(PACKAGE, schema.replace('.json', '.d.ts')));
    expect(types).toEqual(Object.keys(content.properties).toSorted());
  });
});

test.each([
  ['synth', ['publish', 'deploy', 'plan', 'diff', 'drift', 'rollback']],
  ['publish', ['deploy', 'plan']],
])('nx-cdk:%s lets through what Nx hands on together with an instance: the options of %p', (executor, later) => {
  const optionsIn = (name: string) => {
    const schema = JSON.parse(readFileSync(join(PACKAGE, executors[name]!.schema), 'utf8')) as Schema & Patterns;
    return { own: Object.keys(schema.properties), patterns: Object.keys(schema.patternProperties ?? {}) };
  };
  const { own, patterns } = optionsIn(executor);
  const handedOn = new Set(later.flatMap((name) => optionsIn(name).own).filter((name) => !own.includes(name)));
  expect(patterns).toEqual([`^(${[...handedOn].toSorted().join('|')})$`]);
});

test.each([
  ['synth', 'context', 'regions=eu-west-1,us-east-1'],
  ['deploy', 'parameters', 'Subnets=subnet-1,subnet-2'],
  ['deploy', 'stacks', '{staging,prod}/Data'],
  ['deploy', 'targets', '111111111111/eu-west-1,*/us-east-1'],
  ['plan', 'stacks', '{staging,prod}/Data'],
  ['publish', 'targets', '111111111111/eu-west-1,*/us-east-1'],
])('a comma in nx %s --%s=%s is part of the value, not taken apart by Nx', (executor, option, value) => {
  const schema = JSON.parse(readFileSync(join(PACKAGE, executors[executor]!.schema), 'utf8'));
  const options = params.combineOptionsForExecutor({ [option]: value }, '', {}, schema, '', '');
  expect(options[option]).toBe(value);
});

/**
 * Names of the properties of a file's last interface, and of those that it extends, wherever they are imported from.
 */
function optionsOf(file: string, name?: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ESNext);
  const interfaces = source.statements.filter(ts.isInterfaceDeclaration);
  const wanted = name === undefined ? interfaces.at(-1) : interfaces.find((one) => one.name.text === name);
  const door = source.statements
    .filter(ts.isExportDeclaration)
    .find(({ exportClause: clause }) => clause && ts.isNamedExports(clause) && named(clause, name));
  if (door !== undefined) return optionsOf(join(dirname(file), (door.moduleSpecifier as ts.StringLiteral).text), name);
  if (wanted === undefined) throw new Error(`${file} has no interface ${name ?? ''}`);
  const own = wanted.members.map((member) => (member.name as ts.Identifier).text);
  const bases = (wanted.heritageClauses ?? []).flatMap(({ types }) =>
    types.map(({ expression }) => (expression as ts.Identifier).text),
  );
  const inherited = bases.flatMap((base) => {
    const imported = source.statements.filter(ts.isImportDeclaration).find((statement) => {
      const bindings = statement.importClause?.namedBindings;
      return bindings !== undefined && ts.isNamedImports(bindings) && named(bindings, base);
    });
    const from =
      imported === undefined ? file : join(dirname(file), (imported.moduleSpecifier as ts.StringLiteral).text);
    return optionsOf(from, base);
  });
  return [...own, ...inherited].toSorted();
}

function named({ elements }: ts.NamedImports | ts.NamedExports, name: string | undefined): boolean {
  return elements.some((one) => one.name.text === name);
}
