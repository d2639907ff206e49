import { Match, Template } from 'aws-cdk-lib/assertions';
import { environment, manyTargets, PROD, STAGING, testEnvironments, testStack } from './testing/test-app.ts';
import { type ActionFacts, LiteralTemplate, resourcesOf } from './testing/literal-template.ts';

const template = new LiteralTemplate(testStack());
const [pipeline] = template.ofType('AWS::CodePipeline::Pipeline');
const projects = template.ofType('AWS::CodeBuild::Project');

const variablesOf = ({ Configuration }: ActionFacts) =>
  Object.fromEntries(
    (JSON.parse(Configuration['EnvironmentVariables']!) as { name: string; value: string }[]).map(({ name, value }) => [
      name,
      value,
    ]),
  );
const order = (of: LiteralTemplate) =>
  of.stages.map(({ Name, Actions }) => [Name, Actions.map((action) => `${action.RunOrder} ${action.Name}`)]);

describe('the stages', () => {
  test('are Source, Synth, UpdatePipeline, Publish, and the environments in the order of the file', () => {
    expect(order(template)).toEqual([
      ['Source', ['1 Source']],
      ['Synth', ['1 Synth', '1 SynthPipeline', '1 Tools']],
      ['UpdatePipeline', ['1 UpdatePipeline']],
      ['Publish', ['1 Publish']],
      ['staging', ['1 Deploy-111111111111-eu-west-1']],
      ['prod', ['1 Approve', '2 Deploy-222222222222-us-east-1']],
    ]);
  });

  test('ask a person before anything is deployed where the file wants approval, and nowhere else', () => {
    const [asking, not] = ['prod', 'staging'].map((name) => template.stages.find(({ Name }) => Name === name)!.Actions);
    expect(asking?.[0]).toMatchObject({ RunOrder: 1, ActionTypeId: { Category: 'Approval', Provider: 'Manual' } });
    for (const action of asking?.slice(1) ?? []) expect(action.RunOrder).toBe(2);
    expect(not?.map(({ ActionTypeId }) => ActionTypeId.Category)).toEqual(['Build']);
  });

  test('deploy to the groups of an environment at the same time', () => {
    const many = environment('prod', manyTargets(30, 1), { approval: true });
    const [name, actions] = order(new LiteralTemplate(testStack(testEnvironments({}, [many])))).at(-1)!;
    expect(name).toBe('prod');
    const deploys = Array.from({ length: 15 }, (_, index) => `2 Deploy-${index + 1}-of-15`);
    expect(actions).toEqual(['1 Approve', ...deploys]);
  });
});

describe('the pipeline', () => {
  test('starts again with the same commit when it has changed itself', () => {
    expect(pipeline).toMatchObject({ Name: 'nx-cdk', PipelineType: 'V2', RestartExecutionOnUpdate: true });
  });

  test('changes itself by a step that installs nothing and may take two roles', () => {
    const commands = template.commands('nx-cdk-update');
    expect(commands.slice(-2)).toEqual(
      ['publish', 'deploy'].map(
        (target) => `npx nx ${target} pipeline --excludeTaskDependencies --outputStyle=static --release="$RELEASES"`,
      ),
    );
    for (const { Source } of projects) expect(Source.BuildSpec).not.toContain('npm install');
    expect(resourcesOf(template.role('nx-cdk-update'), 'sts:AssumeRole').toSorted()).toEqual(
      ['deploy', 'file-publishing'].map(
        (kind) => `arn:aws:iam::123456789012:role/cdk-hnb659fds-${kind}-role-123456789012-eu-west-1`,
      ),
    );
  });

  test('has one role for itself and its actions', () => {
    expect(pipeline.RoleArn).toBe('arn:aws:iam::123456789012:role/nx-cdk-pipeline');
    expect(template.stages.flatMap(({ Actions }) => Actions).filter(({ RoleArn }) => RoleArn !== undefined)).toEqual(
      [],
    );
  });

  test('tells every step to be verbose when its variable says so', () => {
    expect(pipeline.Variables).toEqual([expect.objectContaining({ Name: 'VERBOSE', DefaultValue: 'false' })]);
    const builds = template.stages
      .flatMap(({ Actions }) => Actions)
      .filter(({ ActionTypeId }) => ActionTypeId.Provider === 'CodeBuild');
    expect(builds).toHaveLength(7);
    for (const build of builds) {
      expect(variablesOf(build)).toMatchObject({
        NX_CDK_VERBOSE: '#{variables.VERBOSE}',
        NX_VERBOSE_LOGGING: '#{variables.VERBOSE}',
      });
    }
  });

  test('is the same for the same file', () => {
    expect(new LiteralTemplate(testStack()).text).toBe(template.text);
  });
});

describe('what Synth tells', () => {
  const later = template.stages.slice(2).flatMap(({ Actions }) => Actions);

  test('reaches every later step, with what Tools tells; of the archive only who publishes knows', () => {
    const told = later
      .filter(({ ActionTypeId }) => ActionTypeId.Provider === 'CodeBuild')
      .map((build) => {
        const { NX_CDK_VERBOSE, NX_VERBOSE_LOGGING, ...others } = variablesOf(build);
        expect([NX_CDK_VERBOSE, NX_VERBOSE_LOGGING]).toEqual(['#{variables.VERBOSE}', '#{variables.VERBOSE}']);
        return [build.Name, others];
      });
    const published = (synth: string) => ({
      RELEASES: `#{${synth}.RELEASES}`,
      ASSEMBLIES: `#{${synth}.ASSEMBLIES}`,
      WORKSPACE: '#{Tools.WORKSPACE}',
    });
    const deployed = { RELEASES: '#{Synth.RELEASES}', WORKSPACE: '#{Tools.WORKSPACE}' };
    expect(told).toEqual([
      ['UpdatePipeline', published('SynthPipeline')],
      ['Publish', published('Synth')],
      ['Deploy-111111111111-eu-west-1', deployed],
      ['Deploy-222222222222-us-east-1', deployed],
    ]);
    const exported = (name: string) => {
      const { Source } = projects.find(({ Name }) => Name === name)!;
      return JSON.parse(Source.BuildSpec).env['exported-variables'];
    };
    for (const name of ['nx-cdk-synth', 'nx-cdk-synth-pipeline']) {
      expect(exported(name)).toEqual(['RELEASES', 'ASSEMBLIES']);
    }
    expect(exported('nx-cdk-tools')).toEqual(['WORKSPACE']);
  });

  test('is shown to who approves: the whole digests, by the variable that the steps are held to', () => {
    const [approval] = later.filter(({ ActionTypeId }) => ActionTypeId.Category === 'Approval');
    expect(approval!.Configuration['CustomData']).toBe(
      'Approve to deploy to prod. Only these releases can be deployed then; nx shows the first 12 digits of each: #{Synth.RELEASES}',
    );
    const [deploy] = template.stages.at(-1)!.Actions.filter(({ ActionTypeId }) => ActionTypeId.Category === 'Build');
    expect(approval!.Configuration['CustomData']!.endsWith(variablesOf(deploy!)['RELEASES']!)).toBe(true);
    expect(template.commands('nx-cdk-deploy-prod-222222222222-us-east-1').join('\n')).toMatch(
      /nx affected -t deploy-prod .* --release="\$RELEASES"/,
    );
  });
});

test('updates wait for a person if the file says so', () => {
  const asking = new LiteralTemplate(testStack(testEnvironments({ approveUpdates: true })));
  expect(order(asking)[2]).toEqual(['UpdatePipeline', ['1 Approve', '2 UpdatePipeline']]);
  expect(asking.stages[2]!.Actions[0]!.Configuration['CustomData']).toBe(
    'Approve to update the pipeline and the roles of its steps. Only these releases can be deployed then; nx shows the first 12 digits of each: #{SynthPipeline.RELEASES}',
  );
});

test('Synth keeps nothing for its next run if the file says so', () => {
  const forgetful = new LiteralTemplate(testStack(testEnvironments({ cache: false })));
  expect(forgetful.ofType('AWS::CodeBuild::Project').map(({ Cache }) => Cache.Type)).toEqual(
    projects.map(() => 'NO_CACHE'),
  );
  expect(Object.keys(forgetful.resources).filter((id) => id.startsWith('Cache'))).toEqual([]);
});

describe('every project', () => {
  test('runs in a small container of a standard image, as a CI, and keeps its log for three months', () => {
    const logGroups = template.ofType('AWS::Logs::LogGroup');
    expect(projects).toHaveLength(7);
    expect(logGroups).toHaveLength(7);
    for (const { Name, Environment, LogsConfig } of projects) {
      expect(Environment).toMatchObject({
        ComputeType: 'BUILD_GENERAL1_SMALL',
        Image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0',
        PrivilegedMode: false,
      });
      expect(Environment.EnvironmentVariables).toContainEqual({ Name: 'CI', Type: 'PLAINTEXT', Value: 'true' });
      const logs = template.resources[LogsConfig.CloudWatchLogs.GroupName];
      expect(logs).toMatchObject({
        Properties: { LogGroupName: `/aws/codebuild/${Name}`, RetentionInDays: 90 },
        DeletionPolicy: 'Delete',
      });
    }
  });

  test('after Synth takes its tools from Tools, where it starts, and assemblies only if it publishes', () => {
    const [, ...builds] = template.stages
      .flatMap(({ Actions }) => Actions)
      .filter(({ ActionTypeId }) => ActionTypeId.Category !== 'Approval');
    const made = { Synth: 'Assemblies', SynthPipeline: 'Pipeline', Tools: 'Workspace' };
    for (const { Name, InputArtifacts, OutputArtifacts, Configuration } of builds) {
      const first = Object.hasOwn(made, Name);
      const [tools, ...assemblies] = InputArtifacts!.map((artifact) => artifact.Name);
      expect(tools).toBe(first ? 'Source' : 'Workspace');
      expect(assemblies).toEqual({ UpdatePipeline: ['Pipeline'], Publish: ['Assemblies'] }[Name] ?? []);
      // Where there is one input, CodeBuild starts in it.
      expect(Configuration['PrimarySource']).toBe(assemblies.length > 0 ? 'Workspace' : undefined);
      expect(OutputArtifacts).toEqual(first ? [{ Name: made[Name as keyof typeof made] }] : undefined);
    }
  });

  test('is synthesized for apart from all apps, if it is the pipeline', () => {
    expect(template.commands('nx-cdk-synth')).toContain(
      'npx nx run-many -t synth --outputStyle=static --exclude=pipeline',
    );
    expect(template.commands('nx-cdk-synth-pipeline')).toContain('npx nx synth pipeline --outputStyle=static');
    expect(template.commands('nx-cdk-update').join(' ')).toContain('"$CODEBUILD_SRC_DIR_Pipeline/assemblies"');
    expect(template.commands('nx-cdk-publish').join(' ')).toContain('"$CODEBUILD_SRC_DIR_Assemblies/assemblies"');
  });

  test('has nothing of an assembly where it deploys, not even the place', () => {
    const deploys = projects.filter(({ Name }) => Name.startsWith('nx-cdk-deploy-'));
    expect(deploys).toHaveLength(2);
    for (const { Name } of deploys) {
      expect(template.commands(Name).join('\n')).not.toMatch(/assemblies|take-over|CODEBUILD_SRC_DIR/i);
    }
  });

  test('but Synth has no cache, believes no result of Nx that it finds, and fetches no package by name', () => {
    for (const { Name, Cache, Environment } of projects) {
      const synth = Name === 'nx-cdk-synth';
      expect(Cache).toMatchObject({ Type: synth ? 'S3' : 'NO_CACHE' });
      const names = Environment.EnvironmentVariables.map((one: { Name: string }) => one.Name);
      expect(names).toEqual(synth ? ['CI'] : ['CI', 'NPM_CONFIG_YES', 'NX_SKIP_NX_CACHE', 'NX_NO_CLOUD']);
    }
  });
});

describe('artifacts and cache', () => {
  test('are encrypted with a key that rotates, over TLS only, never public, logged, and expire', () => {
    const buckets = Object.entries(template.resources).filter(([, { Type }]) => Type === 'AWS::S3::Bucket');
    expect(buckets).toHaveLength(3);
    for (const [id, { Properties }] of buckets) {
      expect(Properties).toMatchObject({
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
        LifecycleConfiguration: {
          Rules: [expect.objectContaining({ Status: 'Enabled', ExpirationInDays: expect.anything() })],
        },
        BucketEncryption: expect.anything(),
        ...(id.includes('AccessLogs') ? {} : { LoggingConfiguration: expect.anything() }),
      });
    }
    for (const { PolicyDocument } of template.ofType('AWS::S3::BucketPolicy')) {
      expect(PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
    for (const { EnableKeyRotation } of template.ofType('AWS::KMS::Key')) expect(EnableKeyRotation).toBe(true);
  });
});

describe('a failed execution', () => {
  const stack = Template.fromStack(testStack());

  test('is told to an encrypted topic, that of this pipeline only', () => {
    stack.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.codepipeline'],
        'detail-type': ['CodePipeline Pipeline Execution State Change'],
        detail: { pipeline: ['nx-cdk'], state: ['FAILED'] },
      },
      Targets: [Match.objectLike({ Arn: { Ref: Match.stringLikeRegexp('^FailuresTopic') } })],
    });
    stack.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
    stack.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ Principal: { Service: 'events.amazonaws.com' }, Effect: 'Allow' }),
        ]),
      },
    });
  });

  test('and the stack says which topic and which pipeline', () => {
    stack.hasOutput('FailureTopicArn', { Value: { Ref: Match.stringLikeRegexp('^FailuresTopic') } });
    stack.hasOutput('PipelineName', { Value: 'nx-cdk' });
  });
});

test('one target in two environments is published to once, and looked up once', () => {
  const both = testEnvironments({}, [environment('staging', [STAGING, PROD]), environment('prod', [PROD])]);
  expect(new LiteralTemplate(testStack(both)).text.match(/file-publishing-role-222222222222-us-east-1/g)).toHaveLength(
    1,
  );
});
