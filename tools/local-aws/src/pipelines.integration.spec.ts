import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cloudFormation from '@aws-sdk/client-cloudformation';
import * as codeBuild from '@aws-sdk/client-codebuild';
import * as codePipeline from '@aws-sdk/client-codepipeline';
import { startInstance, type LocalAws } from './index.ts';
import { clientsOf, deploy, region, settled } from './testing/clients.ts';
import { pipelineTemplate as template } from './testing/pipeline-template.ts';

const ci = '123456789012';
const stranger = '999999999999';

const updated = structuredClone(template);
updated.Parameters.Branch.Default = 'next';
updated.Resources.Project.Properties.TimeoutInMinutes = 60;

describe('CodePipeline and CodeBuild on the local AWS', () => {
  let folder: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;
  let stacks: cloudFormation.CloudFormationClient;
  let pipelines: codePipeline.CodePipelineClient;
  let builds: codeBuild.CodeBuildClient;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    aws = await startInstance({ directory: folder, managementAccount: ci, region });
    clients = clientsOf(aws);
    const config = clients.config(aws.credentialsFor(ci));
    stacks = clients.cloudFormation(aws.credentialsFor(ci));
    pipelines = new codePipeline.CodePipelineClient(config);
    builds = new codeBuild.CodeBuildClient(config);
  });

  beforeEach(async () => {
    await aws.reset();
    expect((await deploy(stacks, 'pipeline', template)).stack.StackStatus).toBe('CREATE_COMPLETE');
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  const get = (client = pipelines, name = 'ship', version?: number) =>
    client.send(new codePipeline.GetPipelineCommand({ name, version }));
  const project = async (client = builds, ...names: string[]) =>
    (await client.send(new codeBuild.BatchGetProjectsCommand({ names: names.length ? names : ['synth'] }))).projects!;
  const looker = async () =>
    clients.config(
      (
        await clients.serviceSession({
          roleArn: `arn:aws:iam::${ci}:role/looker`,
          service: 'codebuild.amazonaws.com',
        })
      ).credentials,
    );

  test('the API tells a pipeline as its stack made it: resolved, in the form of the API', async () => {
    const roleArn = `arn:aws:iam::${ci}:role/looker`;
    const { pipeline, metadata } = await get();

    expect(metadata).toEqual({
      pipelineArn: `arn:aws:codepipeline:${region}:${ci}:ship`,
      created: expect.any(Date),
      updated: expect.any(Date),
    });
    expect(pipeline).toEqual({
      name: 'ship',
      version: 1,
      pipelineType: 'V2',
      executionMode: 'SUPERSEDED',
      roleArn,
      artifactStore: {
        type: 'S3',
        location: 'artifacts',
        encryptionKey: { type: 'KMS', id: `arn:aws:kms:${region}:${ci}:key/1` },
      },
      variables: [{ name: 'TARGETS', defaultValue: 'all', description: 'Where to deploy to' }],
      stages: [
        {
          name: 'Source',
          actions: [
            {
              name: 'Repository',
              actionTypeId: { category: 'Source', owner: 'AWS', provider: 'CodeStarSourceConnection', version: '1' },
              // The keys of a configuration stay as they are, and its values are strings.
              configuration: { BranchName: 'main', DetectChanges: 'true', FullRepositoryId: 'example/nx' },
              inputArtifacts: [],
              outputArtifacts: [{ name: 'Sources' }],
              runOrder: 1,
            },
          ],
        },
        {
          name: 'Build',
          actions: [
            {
              name: 'Synth',
              actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' },
              configuration: { ProjectName: 'synth' },
              inputArtifacts: [{ name: 'Sources' }],
              outputArtifacts: [],
              runOrder: 2,
              timeoutInMinutes: 45,
              roleArn,
            },
          ],
        },
      ],
    });
  });

  test('an update of the stack makes a further version, and each version is still told', async () => {
    await deploy(stacks, 'pipeline', updated, 'UPDATE');
    const branch = ({ pipeline }: codePipeline.GetPipelineCommandOutput) => [
      pipeline!.version,
      pipeline!.stages![0]!.actions![0]!.configuration!['BranchName'],
    ];

    expect(branch(await get())).toEqual([2, 'next']);
    expect(branch(await get(pipelines, 'ship', 1))).toEqual([1, 'main']);
    await expect(get(pipelines, 'ship', 3)).rejects.toMatchObject({ name: 'PipelineVersionNotFoundException' });
  });

  test('a pipeline is listed in its account and region, and nowhere else', async () => {
    const list = async (account: string, clientRegion: string) => {
      const client = new codePipeline.CodePipelineClient(clients.config(aws.credentialsFor(account), clientRegion));
      return (await client.send(new codePipeline.ListPipelinesCommand({}))).pipelines!.map(({ name }) => name);
    };

    expect(await list(ci, region)).toEqual(['ship']);
    expect(await list(stranger, region)).toEqual([]);
    expect(await list(ci, 'us-east-1')).toEqual([]);
  });

  test('a webhook of a repository comes and goes with its stack', async () => {
    const webhook = {
      Type: 'AWS::CodePipeline::Webhook',
      Properties: {
        Authentication: 'GITHUB_HMAC',
        AuthenticationConfiguration: { SecretToken: 'token' },
        Filters: [{ JsonPath: '$.ref', MatchEquals: 'refs/heads/{Branch}' }],
        TargetAction: 'Repository',
        TargetPipeline: 'ship',
        TargetPipelineVersion: 1,
      },
    };
    const withWebhook = {
      Resources: { Webhook: webhook },
      Outputs: { Url: { Value: { 'Fn::GetAtt': ['Webhook', 'Url'] } } },
    };

    const { stack } = await deploy(stacks, 'webhook', withWebhook);

    expect(stack).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      Outputs: [
        { OutputKey: 'Url', OutputValue: expect.stringMatching(/^https:\/\/eu-west-1\.webhooks\.aws\/trigger/) },
      ],
    });
    // One that names no pipeline is refused, as on AWS.
    const lacking = { ...webhook.Properties, TargetPipeline: undefined };
    const refused = await deploy(stacks, 'lacking', { Resources: { Webhook: { ...webhook, Properties: lacking } } });
    expect(refused.stack.StackStatus).toBe('ROLLBACK_COMPLETE');
  });

  test('a name that is taken fails the stack, another name replaces the pipeline', async () => {
    const renamed = structuredClone(template);
    renamed.Resources.Pipeline.Properties.Name = 'ship-too';
    const second = structuredClone(template);
    second.Resources = { Pipeline: { ...template.Resources.Pipeline } } as typeof template.Resources;
    Object.assign(second.Resources.Pipeline, {
      Properties: { Name: 'ship', RoleArn: `arn:aws:iam::${ci}:role/looker`, Stages: [] },
    });

    expect((await deploy(stacks, 'second', second)).stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect((await get()).pipeline!.stages).toHaveLength(2);
    await deploy(stacks, 'pipeline', renamed, 'UPDATE');
    expect((await get(pipelines, 'ship-too')).pipeline!.version).toBe(1);
    await expect(get()).rejects.toMatchObject({ name: 'PipelineNotFoundException' });
  });

  test('with its stack, or with a reset, a pipeline and its project are gone', async () => {
    await stacks.send(new cloudFormation.DeleteStackCommand({ StackName: 'pipeline' }));
    await settled(stacks, 'pipeline').catch(() => undefined);

    await expect(get()).rejects.toMatchObject({ name: 'PipelineNotFoundException' });
    expect(await project()).toEqual([]);
    await deploy(stacks, 'pipeline', template);
    await aws.reset();
    await expect(get()).rejects.toMatchObject({ name: 'PipelineNotFoundException' });
    expect(await project()).toEqual([]);
  });

  test('one pipeline may be allowed to be looked at, and no other, nor the list', async () => {
    const client = new codePipeline.CodePipelineClient(await looker());

    await expect(get(client)).resolves.toMatchObject({ pipeline: { name: 'ship' } });
    await expect(get(client, 'other')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('codepipeline:GetPipeline'),
    });
    await expect(client.send(new codePipeline.ListPipelinesCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('codepipeline:ListPipelines'),
    });
  });

  test('a project is told as its stack made it, and as an update left it', async () => {
    const settings = {
      name: 'synth',
      arn: `arn:aws:codebuild:${region}:${ci}:project/synth`,
      description: 'Synthesizes',
      serviceRole: `arn:aws:iam::${ci}:role/looker`,
      encryptionKey: `arn:aws:kms:${region}:${ci}:key/1`,
      timeoutInMinutes: 30,
      source: { type: 'CODEPIPELINE', buildspec: 'version: 0.2\n' },
      artifacts: { type: 'CODEPIPELINE' },
      environment: {
        type: 'ARM_CONTAINER',
        computeType: 'BUILD_GENERAL1_LARGE',
        image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0',
        privilegedMode: false,
        environmentVariables: [{ name: 'BRANCH', value: 'main', type: 'PLAINTEXT' }],
      },
      cache: { type: 'S3', location: 'cache/npm' },
      logsConfig: { cloudWatchLogs: { status: 'ENABLED', groupName: 'logs-of-synth' } },
    };
    const simpler = structuredClone(updated);
    for (const property of ['Cache', 'LogsConfig', 'EncryptionKey', 'Description'] as const)
      delete (simpler.Resources.Project.Properties as Record<string, unknown>)[property];

    expect(await project()).toMatchObject([settings]);
    await deploy(stacks, 'pipeline', simpler, 'UPDATE');
    const [changed] = await project();
    expect(changed).toMatchObject({
      description: '',
      encryptionKey: `arn:aws:kms:${region}:${ci}:alias/aws/s3`,
      timeoutInMinutes: 60,
      environment: { environmentVariables: [{ name: 'BRANCH', value: 'next' }] },
      cache: { type: 'NO_CACHE' },
    });
    expect(changed!.logsConfig).toBeUndefined();
  });

  test('builds of one project may be allowed, and of no other; a build runs nothing', async () => {
    const client = new codeBuild.CodeBuildClient(await looker());
    const start = (projectName: string) => client.send(new codeBuild.StartBuildCommand({ projectName }));

    const { build } = await start('synth');
    const { builds: found } = await client.send(new codeBuild.BatchGetBuildsCommand({ ids: [build!.id!] }));

    expect(found).toMatchObject([{ id: build!.id, projectName: 'synth', logs: { groupName: 'logs-of-synth' } }]);
    expect(await project(client)).toHaveLength(1);
    await expect(start('other')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('codebuild:StartBuild'),
    });
    for (const refused of [project(client, 'other'), project(client, 'synth', 'other')])
      await expect(refused).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('codebuild:BatchGetProjects'),
      });
  });
});
