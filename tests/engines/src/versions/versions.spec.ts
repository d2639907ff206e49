import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@nx-cdk/processes';
import { cleanEnvironment, openTestBed, type TestBed } from 'test-bed';
import { APP } from './app.ts';
import { installed } from './installed.ts';
import { MATRIX } from './versions.ts';

const JOURNEY = join(import.meta.dirname, 'journey.ts');
const HOOK = join(import.meta.dirname, 'toolkit-hook.mjs');

let bed: TestBed;
beforeAll(async () => {
  bed = await openTestBed();
});
beforeEach(() => bed.local.reset());
afterAll(() => bed?.close());

/** An app by itself, with its library. */
async function makeApp(library: string): Promise<string> {
  const folder = join(bed.folder, `app-${library}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'handler'), { recursive: true });
  const modules = join(await installed({ 'aws-cdk-lib': library, constructs: '^10.0.0' }), 'node_modules');
  await symlink(modules, join(folder, 'node_modules'));
  await writeFile(join(folder, 'cdk.json'), JSON.stringify({ app: 'node app.js' }));
  await writeFile(join(folder, 'app.js'), APP);
  await writeFile(join(folder, 'handler/index.js'), 'exports.handler = async () => ({ statusCode: 200 });\n');
  return folder;
}

test.each(Object.entries(MATRIX))('%s', async (_, { 'aws-cdk-lib': library, toolkit, validated }) => {
  const app = await makeApp(library);
  const hook = toolkit === undefined ? [] : [`--import=${HOOK}`];
  const folder = toolkit === undefined ? {} : { TOOLKIT_FOLDER: await installed(toolkit) };

  const env = {
    ...cleanEnvironment(app, bed.folder),
    ...bed.environment(),
    ...folder,
    CDK_VALIDATION: String(validated === true),
  };
  const { stdout, failure, lastLines } = await run(process.execPath, [...hook, JOURNEY, app], { cwd: app, env });

  expect(failure === undefined ? [] : lastLines).toEqual([]);
  expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({
    ...(toolkit && { toolkit: toolkit['@aws-cdk/toolkit-lib'] }),
    bootstrapped: true,
    planned: ['Data planned', 'Service planned'],
    published: true,
    deployed: ['Data created', 'Service created'],
    compared: ['Data unchanged', 'Service unchanged'],
    again: ['Data unchanged', 'Service unchanged'],
  });
});
