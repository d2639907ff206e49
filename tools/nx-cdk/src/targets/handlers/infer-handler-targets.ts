import { realpathSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { metadataOf } from '../metadata.ts';
import { isLocal, type NodesContext, slashed } from '../project.ts';
import type { HandlerFacts, HandlerOptions } from './handler.ts';

type Inputs = NonNullable<TargetConfiguration['inputs']>;

/** Programs of this plugin end with it: `.js` where it is installed, since Node runs no TypeScript of packages. */
const EXTENSION = extname(import.meta.filename);

/**
 * The targets of a handler in Go or Rust: build, test and vet, all cached. Its manifest is all they are made of, and a
 * Dockerfile next to it, which makes the handler a container image.
 */
export function inferHandlerTargets(
  { name: project, language, isImage, sources: ownSources, dependencySources }: HandlerFacts,
  { architecture = 'arm64' }: HandlerOptions,
  { workspaceRoot }: Pick<NodesContext, 'workspaceRoot'>,
): Pick<ProjectConfiguration, 'targets' | 'metadata'> {
  const plugin = slashed(relative(realpathSync(workspaceRoot), join(import.meta.dirname, '..', '..')));
  const handlers = `${plugin}/handlers`;
  const compiler: Inputs = [
    // Another compiler compiles again.
    { runtime: `node ${handlers}/tell-toolchain${EXTENSION} ${language}` },
    // An edit of a local executor does not invalidate the cache by itself. Not the whole plugin: nothing else of it has
    // a say in what comes out.
    ...(isLocal(workspaceRoot)
      ? [`{workspaceRoot}/${handlers}/**/*`, `!{workspaceRoot}/${handlers}/**/*.spec.ts`]
      : []),
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
    metadata: metadataOf(project, name, language, description, { verbose: true }),
  });
  // Not what it depends on: the program is made of this folder alone; its tests may read others.
  const sources: Inputs = [ownSources, '!{projectRoot}/**/*_test.go'];
  // Whether there is a tool that builds images.
  const builder: Inputs = [{ runtime: `node ${plugin}/executors/build-handler/tell-image-obstacle${EXTENSION}` }];
  const description = isImage
    ? 'Compile the handler, and make ready what its image is built of'
    : 'Compile the handler for Lambda; the same bytes wherever it runs';
  const inputs = isImage ? [...sources, ...builder] : sources;
  const options = { architecture, ...(isImage && { image: true }) };
  const tests: Inputs = ['default', dependencySources];
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
