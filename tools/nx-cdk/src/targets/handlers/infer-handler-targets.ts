import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { CreateNodesContext, ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { readProject, slashed } from '../app.ts';
import { metadataOf } from '../metadata.ts';

/**
 * The file that says what all handlers are compiled for, relative to the workspace root; their functions read it too.
 */
const ARCHITECTURE_FILE = 'libs/handlers/architecture/architecture.json';

/**
 * What makes a project a Lambda handler: the runtime library of its language. Any other program or library in Go or
 * Rust is none of our business.
 */
const RUNTIME_LIBRARY = {
  go: /^\s*(require\s+)?github\.com\/aws\/aws-lambda-go\s/m,
  rust: /^\s*lambda_runtime\s*=|^\[dependencies\.lambda_runtime\]/m,
};

type Inputs = NonNullable<TargetConfiguration['inputs']>;

/**
 * The targets of a handler in Go or Rust: build, test and vet, all cached. Its manifest is all they are made of, and a
 * Dockerfile next to it, which makes the handler a container image.
 *
 * @param file the manifest, relative to the workspace root
 * @param ownSources whether the plugin's own sources are a project of the workspace
 * @returns undefined if the folder is no handler
 */
export function inferHandlerTargets(
  file: string,
  context: CreateNodesContext,
  ownSources: boolean,
): Pick<ProjectConfiguration, 'targets' | 'metadata'> | undefined {
  const { workspaceRoot } = context;
  const language = file.endsWith('go.mod') ? 'go' : 'rust';
  if (!RUNTIME_LIBRARY[language].test(readFileSync(join(workspaceRoot, file), 'utf8'))) return undefined;

  const project = readProject(dirname(file), context);
  const plugin = slashed(relative(realpathSync(workspaceRoot), join(import.meta.dirname, '..', '..')));
  const handlers = `${plugin}/handlers`;
  const compiler: Inputs = [
    // Another compiler compiles again.
    { runtime: `node ${handlers}/tell-toolchain.ts ${language}` },
    // An edit of a local executor does not invalidate the cache by itself. Not the whole plugin: nothing else of it has
    // a say in what comes out.
    ...(ownSources ? [`{workspaceRoot}/${handlers}/**/*`, `!{workspaceRoot}/${handlers}/**/*.spec.ts`] : []),
  ];
  const target = (
    name: string,
    inputs: Inputs,
    outputs: string[],
    description: string,
    options = {},
  ): TargetConfiguration => ({
    executor: `nx-cdk:${name}-handler`,
    cache: true,
    inputs: [...inputs, ...compiler],
    outputs,
    options: { language, ...options },
    metadata: metadataOf(project.name, name, language, description, { verbose: true }),
  });
  // Not what it depends on: the program is made of this folder alone; its tests may read others.
  const sources: Inputs = [project.sources, '!{projectRoot}/**/*_test.go', `{workspaceRoot}/${ARCHITECTURE_FILE}`];
  const isImage = existsSync(join(workspaceRoot, dirname(file), 'Dockerfile'));
  // Whether there is a tool that builds images.
  const builder: Inputs = [{ runtime: `node ${plugin}/executors/build-handler/tell-image-obstacle.ts` }];
  const description = isImage
    ? 'Compile the handler, and make ready what its image is built of'
    : 'Compile the handler for Lambda; the same bytes wherever it runs';
  const inputs = isImage ? [...sources, ...builder] : sources;
  const options = { architectureFile: ARCHITECTURE_FILE, ...(isImage && { image: true }) };
  const tests: Inputs = ['default', project.dependencySources];
  const runTests = `Run ${language === 'go' ? 'go' : 'cargo'} test`;
  return {
    metadata: { targetGroups: { Handler: ['build', 'test', 'vet'] } },
    targets: {
      build: target('build', inputs, ['{projectRoot}/dist'], description, options),
      test: target('test', tests, ['{projectRoot}/test-results'], runTests),
      vet: target('vet', ['default'], [], 'Look for mistakes that compile, and for unformatted files'),
    },
  };
}
