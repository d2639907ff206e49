import { PipelineStack } from '@nx-cdk/constructs';
import { readEnvironments } from '@nx-cdk/environments';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';

test('the pipeline deploys to the environments of the file, in their order', () => {
  const environments = readEnvironments();

  const template = Template.fromStack(new PipelineStack(new App(), 'Pipeline', { environments }));

  const before = ['Source', 'Synth', 'UpdatePipeline', 'Publish'];
  const stages = [...before, ...environments.environments.map(({ name }) => name)];
  template.hasResourceProperties('AWS::CodePipeline::Pipeline', {
    Stages: stages.map((Name) => Match.objectLike({ Name })),
  });
});
