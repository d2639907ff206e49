import type { PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { Failure } from 'nx-cdk/failure';
import type { Clients, Session } from './clients.ts';

/**
 * Name of the pipeline in some stacks.
 *
 * @param wanted its name, if there are several
 * @throws Failure `NoPipeline` if there is none, or it is not clear which
 */
export async function findPipeline(
  clients: Clients,
  caller: Session,
  stackNames: readonly string[],
  wanted: string | undefined,
): Promise<string> {
  const { paginateListStackResources } = await import('@aws-sdk/client-cloudformation');
  const client = await clients.cloudFormation(caller);
  const found: string[] = [];
  for (const StackName of stackNames) {
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
      const pipelines = StackResourceSummaries.filter(
        ({ ResourceType: type }) => type === 'AWS::CodePipeline::Pipeline',
      );
      found.push(...pipelines.flatMap(({ PhysicalResourceId: id }) => id ?? []));
    }
  }
  const names = wanted === undefined ? found : found.filter((name) => name === wanted);
  if (names.length === 1) return names[0]!;
  const where = stackNames.join(', ');
  if (found.length === 0) {
    const next = 'deploy it first, or rehearse the app that has it';
    throw new Failure('NoPipeline', { what: 'There is no deployed pipeline', where, next });
  }
  const next = `name one of them with --pipeline: ${found.join(', ')}`;
  const what = wanted === undefined ? 'There are several pipelines' : `There is no pipeline ${wanted}`;
  throw new Failure('NoPipeline', { what, where, next });
}

/** The current definition of a pipeline. */
export async function readDefinition(clients: Clients, caller: Session, name: string): Promise<PipelineDeclaration> {
  const { GetPipelineCommand } = await import('@aws-sdk/client-codepipeline');
  const { pipeline } = await (await clients.codePipeline(caller)).send(new GetPipelineCommand({ name }));
  if (pipeline !== undefined) return pipeline;
  throw new Failure('NoPipeline', { subject: name, what: 'it has no definition', next: 'deploy it again' });
}
