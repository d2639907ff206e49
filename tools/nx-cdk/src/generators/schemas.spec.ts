import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';

interface Schema {
  readonly required?: readonly string[];
  readonly properties: Readonly<
    Record<string, { readonly description?: string; readonly 'x-prompt'?: unknown; readonly $default?: unknown }>
  >;
}

const PACKAGE = join(import.meta.dirname, '..', '..');
const read = (file: string) => JSON.parse(readFileSync(join(PACKAGE, file), 'utf8'));
const { generators } = read('generators.json') as {
  generators: Record<string, { implementation: string; schema: string; description: string }>;
};

describe.each(Object.entries(generators))('nx g nx-cdk:%s', (generator, { implementation, schema, description }) => {
  const content = read(schema) as Schema;

  test('exists, with a word on what it does', async () => {
    const [file = '', name = 'default'] = implementation.split('#');
    expect(await import(join(PACKAGE, file))).toMatchObject({ [name]: expect.any(Function) });
    expect(description).toMatch(/\.$/);
  });

  test('has a schema that is one, and describes every option', () => {
    // The meta schema that Nx names is not one that validators know.
    expect(new Ajv({ strict: false }).validateSchema({ ...content, $schema: undefined })).toBe(true);
    const silent = Object.keys(content.properties).filter((name) => !content.properties[name]!.description);
    expect(silent).toEqual([]);
  });

  test('asks at a terminal for what it cannot do without', () => {
    const silent = (content.required ?? []).filter((name) => content.properties[name]!['x-prompt'] === undefined);
    // The name of a workspace is asked for by create-nx-workspace.
    expect(silent).toEqual(generator === 'preset' ? ['name'] : []);
  });
});
