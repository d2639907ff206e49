import { NewProjectBed } from '../../new-project/testing/new-project-bed.ts';
import readOnlyRoleGenerator from './generator.ts';

let bed: NewProjectBed;
beforeEach(() => (bed = new NewProjectBed()));
afterEach(() => bed.dispose());

const generate = (directory?: string) => bed.generate(readOnlyRoleGenerator, { directory });

test('the app has the role in every account, types that are right and a test', async () => {
  bed.writeEnvironments();
  const { said } = await generate();
  await bed.checkTypes('apps/required-resources');
  expect(await bed.test('apps/required-resources')).toEqual({ passed: 1, failed: 0 });
  expect(await bed.stacksOf('apps/required-resources')).toEqual(['required-resources', 'required-resources']);
  expect(said).toBe('\nNext: Deploy the role: npx nx deploy required-resources');
});

test('it goes into the folder that is asked for, and asked again it writes nothing', async () => {
  bed.writeEnvironments();
  const { files } = await generate('platform/lookups/required-resources');
  expect(files).toContain('platform/lookups/required-resources/cdk.json');
  expect((await generate('platform/lookups/required-resources')).files).toEqual([]);
});

test('on a Node that runs TypeScript only with a flag, the app has it, and works', async () => {
  bed.writeEnvironments();
  const { versions } = process;
  Object.defineProperty(process, 'versions', { value: { ...versions, node: '22.12.0' } });
  const { said } = await generate().finally(() => Object.defineProperty(process, 'versions', { value: versions }));
  const { app } = bed.json<{ app: string }>('apps/required-resources/cdk.json');
  expect(app).toBe('node --experimental-strip-types src/main.ts');
  expect(said).toContain('Node 22.12.0 runs TypeScript only with a flag');
  expect(await bed.stacksOf('apps/required-resources')).toHaveLength(2);
});

test('a workspace without environments is refused, and nothing is written', async () => {
  await expect(generate()).rejects.toMatchObject({ code: 'Option' });
  expect(() => bed.read('apps/required-resources/cdk.json')).toThrow();
});
