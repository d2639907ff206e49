import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { commandsOf, packageManagerOf } from '@nx-cdk/environments';
import { generateFiles, type GeneratorCallback, readNxJson, type Tree } from '@nx/devkit';
import {
  addPlace,
  cdkApp,
  dependOn,
  installLinks,
  isThere,
  type Names,
  namesOf,
  onlyApp,
  packageNameOf,
  placeOf,
  writeJestConfig,
  writeTsConfig,
} from '../../new-project/index.ts';
import { addPackages, finish, ignoreFiles } from '../../workspace/index.ts';
import { hasCrate, withCrate } from './cargo-lock.ts';
import { factsOf, type LanguageFacts } from './languages.ts';
import type { HandlerGeneratorSchema } from './schema.d.ts';

const FILES = join(import.meta.dirname, 'files');

/**
 * Makes the project of a Lambda function: its code, a test, its build, and the asset with which a stack deploys it.
 *
 * @throws Failure `BadName`, `BadDirectory`, `AlreadyThere`, `NotAnApp`
 */
export default async function handlerGenerator(
  tree: Tree,
  options: HandlerGeneratorSchema,
): Promise<GeneratorCallback> {
  const names = namesOf(options.name, 'handler');
  const { name } = names;
  const facts = factsOf(options.language, sourcesOf(tree), architectureOf(tree));
  const place = placeOf(tree, 'handler', name, options.directory);
  const app = await (options.project === undefined ? onlyApp(tree) : cdkApp(tree, options.project));
  const packageName = packageNameOf(tree, name);
  const { root } = place;
  const assetFile = options.language === 'typescript' ? 'src/asset.ts' : 'asset.ts';
  const commands = commandsOf(packageManagerOf(tree.root), tree.root);
  const use = howToUse(names, place.linked ? packageName : pathFrom(app?.root, root, assetFile), app?.name);
  if (isThere(tree, root, name, facts.mark)) {
    return finish(tree, { next: [`nothing to do: ${root} is a handler in ${facts.title} already`, use] });
  }
  const variables = {
    ...facts,
    ...names,
    language: facts.title,
    packageName,
    assetFile,
    modulePath: packageName.slice(1),
    dist: assetFile.startsWith('src/') ? '../dist' : 'dist',
    image: facts.runtime === 'image',
    compiled: facts.handler === 'bootstrap',
  };
  for (const folder of ['common', ...facts.templates]) generateFiles(tree, join(FILES, folder), root, variables);
  if (options.language === 'rust') writeCargo(tree, root, names);
  writeSettings(tree, root, name, facts);
  addPlace(tree, place, name);
  if (app !== undefined && place.linked) dependOn(tree, app, packageName);
  const install = [...addPackages(tree, ['@nx-cdk/constructs', ...facts.packages]), ...installLinks(tree, place)];
  return finish(tree, {
    install,
    next: [...facts.targets.map((target) => commands.exec(`nx ${target} ${name}`)), use],
  });
}

function writeSettings(tree: Tree, root: string, name: string, { packages, ignored }: LanguageFacts): void {
  const jest = packages.includes('jest');
  writeTsConfig(tree, root, { output: 'dist', jest });
  if (jest) writeJestConfig(tree, root, name);
  ignoreFiles(tree, ignored);
}

/** The three lines with which a stack uses a handler. */
function howToUse({ className, constantName }: Names, importFrom: string, app = 'the app that deploys it'): string {
  return [
    `in a stack of ${app}:\n`,
    `import { ${constantName} } from '${importFrom}';`,
    `import { HandlerFunction } from '@nx-cdk/constructs';`,
    `new HandlerFunction(this, '${className}', { asset: ${constantName}, environment: {} });`,
  ].join('\n     ');
}

/** Where nothing is linked, a stack imports the file itself: Node finds no other way. */
function pathFrom(appRoot: string | undefined, root: string, assetFile: string): string {
  return posix.join(posix.relative(`${appRoot ?? 'apps/app'}/src`, root), assetFile);
}

function writeCargo(tree: Tree, root: string, { name }: Names): void {
  const lock = readFileSync(join(FILES, 'Cargo.lock'), 'utf8');
  const crate = hasCrate(lock, name) ? `${name}-handler` : name;
  tree.write(`${root}/Cargo.lock`, withCrate(lock, crate, ['lambda_runtime', 'serde', 'tokio']));
  tree.write(`${root}/Cargo.toml`, tree.read(`${root}/Cargo.toml`, 'utf8')!.replace(`"${name}"`, `"${crate}"`));
}

/** The workspace's named input of sources without tests. */
function sourcesOf(tree: Tree): 'production' | 'default' {
  return readNxJson(tree)?.namedInputs?.['production'] === undefined ? 'default' : 'production';
}

/** What the plugin in nx.json compiles handlers for. */
function architectureOf(tree: Tree): string {
  const plugins = readNxJson(tree)?.plugins ?? [];
  const options = plugins.flatMap((one) =>
    typeof one !== 'string' && one.plugin === 'nx-cdk/plugin' ? [one.options] : [],
  );
  return (options[0] as { architecture?: string } | undefined)?.architecture ?? 'arm64';
}
