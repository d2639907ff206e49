import { commandsOf, packageManagerOf } from '@nx-cdk/environments';
import { type GeneratorCallback, readJson, type Tree } from '@nx/devkit';
import { Failure } from '../../failure/index.ts';
import { type CdkApp, cdkApp, namesOf, type StackPlace, writeStack } from '../../new-project/index.ts';
import { finish } from '../../workspace/index.ts';
import type { StackGeneratorSchema } from './schema.d.ts';
import { wireStack } from './wire-stack.ts';

/**
 * Adds a small stack and its test to a CDK app in TypeScript, and makes it part of the app where its place is plain.
 *
 * @throws Failure `BadName`, `NotAnApp`
 */
export default async function stackGenerator(tree: Tree, options: StackGeneratorSchema): Promise<GeneratorCallback> {
  const names = namesOf(options.name, 'stack');
  const app = await cdkApp(tree, options.project);
  const place = placeIn(tree, app);
  const commands = commandsOf(packageManagerOf(tree.root), tree.root);
  const file = `${names.name}-stack`;
  const stackFile = `${place.folder}/${file}.ts`;
  const isThere = tree.exists(stackFile);
  if (!isThere) writeStack(tree, names, place);

  const { lines, file: wired } = wireStack(tree, app.name, place.folder, names, place.importFrom(file));
  return finish(tree, {
    next: [
      ...(isThere ? [`know that ${stackFile} is there already, and stays as it is`] : []),
      ...(wired === undefined
        ? [`add these lines where ${app.name} makes its stacks:\n\n     ${lines.join('\n     ')}\n`]
        : []),
      ...['test', 'synth'].map((target) => commands.exec(`nx ${target} ${app.name}`)),
    ],
  });
}

/** Where an app has its stacks and tests, and how its files import each other. */
interface Sources extends StackPlace {
  /** How sources beside the stack import it. */
  readonly importFrom: (file: string) => string;
}

/** @throws Failure `NotAnApp` for an app that is not in TypeScript */
function placeIn(tree: Tree, { name, root }: CdkApp): Sources {
  const has = (folder: string) => tree.children(`${root}/${folder}`).some((file) => file.endsWith('.ts'));
  if (has('src')) {
    const manifest = `${root}/package.json`;
    // Node runs sources that are modules, and wants the whole names of files.
    const isModule = tree.exists(manifest) && readJson<{ type?: string }>(tree, manifest).type === 'module';
    const importOf = (file: string) => `./${file}${isModule ? '.ts' : ''}`;
    return { folder: `${root}/src`, importOf, importFrom: importOf, flags: isModule };
  }
  if (has('lib') || has('bin')) {
    // As `cdk init` makes it.
    const importOf = (file: string) => `../lib/${file}`;
    const test = { testFolder: `${root}/test`, testKind: 'test' } as const;
    return { folder: `${root}/lib`, ...test, importOf, importFrom: importOf, flags: false };
  }
  throw new Failure('NotAnApp', {
    what: `${name} has no sources in TypeScript, neither in ${root}/src nor in ${root}/lib`,
    next: 'add the stack by hand',
  });
}
