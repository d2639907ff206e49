/**
 * The last step of the Nx target `package`: puts what tsc has compiled, the files that it does not copy and a
 * package.json of its own into `dist/packages`. `write-package.ts <project> <compiled> <target>`, each a folder.
 */
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WORKSPACE_ROOT } from '../src/workspace-root.ts';
import { copiesOfExample, EXAMPLE_LIST } from './example.ts';
import { type Manifest, publishedManifest, withCompiledNames } from './manifest.ts';
import { assetsOf } from './package-files.ts';

/** Fields of a package.json that name a file about its executors, generators and migrations. */
const NX_FIELDS = ['executors', 'generators'];

const [project, compiled, target] = process.argv.slice(2).map((folder) => join(WORKSPACE_ROOT, folder));
if (project === undefined || compiled === undefined || target === undefined) {
  throw new Error('Usage: write-package.ts <project> <compiled> <target>');
}

const source = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as Manifest;
rmSync(target, { recursive: true, force: true });
cpSync(compiled, target, { recursive: true });

const files = source.files ?? [];
for (const asset of await assetsOf(project, files)) copy(join(project, asset), join(target, asset));

const nxFiles = filesForNx(source);
for (const file of nxFiles) {
  const json: unknown = JSON.parse(readFileSync(join(project, file), 'utf8'));
  writeJson(join(target, file), withCompiledNames(json));
}

const exampleList = join(project, EXAMPLE_LIST);
const copies = existsSync(exampleList) ? await copiesOfExample(exampleList) : [];
for (const { from, to } of copies) copy(from, join(target, to));

copy(join(project, 'README.md'), join(target, 'README.md'));
copy(join(WORKSPACE_ROOT, 'LICENSE'), join(target, 'LICENSE'));

const entries = [...files, ...nxFiles, ...(copies.length > 0 ? [EXAMPLE_LIST, 'example'] : [])];
const manifest = publishedManifest(source, [...new Set(entries)]);
writeJson(join(target, 'package.json'), manifest);
for (const program of Object.values(manifest.bin ?? {})) chmodSync(join(target, program), 0o755);

/** Paths of the files that Nx reads, relative to the package. */
function filesForNx(manifest: Manifest): string[] {
  const migrations = (manifest['nx-migrations'] as { migrations?: string } | undefined)?.migrations;
  const named = [...NX_FIELDS.map((field) => manifest[field]), migrations];
  return named.filter((file) => typeof file === 'string').map((file) => file.replace(/^\.\//, ''));
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function writeJson(file: string, content: unknown): void {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
