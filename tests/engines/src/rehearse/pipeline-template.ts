import {
  CONNECTION,
  PIPELINE,
  SECRET,
  STACK,
  action,
  allow,
  arnOf,
  artifacts,
  decrypt,
  encrypt,
  entryIf,
  logs,
  program,
  project,
  role,
  sources,
  sub,
} from './template-parts.ts';

/** What a test changes of the pipeline. */
export interface PipelineOptions {
  /** @default connection */
  readonly source?: 'connection' | 'github' | 's3';
  /** Statements that the role of the build `Ship` has not, by their Sid. */
  readonly without?: readonly string[];
  /** Statements that the role of the build `Make` has not. */
  readonly makeWithout?: readonly string[];
  /** Statements that the pipeline's own role has not. */
  readonly pipelineWithout?: readonly string[];
  /** The service that the role of `Ship` trusts. @default codebuild.amazonaws.com */
  readonly trusts?: string;
  /** Further commands of the build `Make`. */
  readonly make?: readonly string[];
  /** What the number of commits has to be before the stage `Prod` begins: a regular expression. @default - anything */
  readonly commits?: string;
}

/**
 * A source, a build whose artifact a second one takes further after an approval, and a stage that comes and goes with a
 * parameter.
 */
export function pipelineTemplate({ source = 'connection', make = [], ...options }: PipelineOptions = {}): object {
  const { without, makeWithout, pipelineWithout, trusts, commits } = options;
  const variable = (name: string, value: string, type = 'PLAINTEXT') => ({ name, value, type });
  return {
    Parameters: { Extra: { Type: 'String', Default: 'no' } },
    Conditions: { HasExtra: { 'Fn::Equals': [{ Ref: 'Extra' }, 'yes'] } },
    Resources: {
      Key: {
        Type: 'AWS::KMS::Key',
        Properties: {
          KeyPolicy: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { AWS: sub('arn:aws:iam::${AWS::AccountId}:root') },
                Action: 'kms:*',
                Resource: '*',
              },
            ],
          },
        },
      },
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'rehearsed-artifacts' } },
      Sources: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'rehearsed-sources' } },
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: { Name: 'rehearsed', SecretString: JSON.stringify({ password: SECRET }) },
      },
      Message: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Name: '/rehearsed/message', Type: 'String', Value: 'hello' },
      },
      PipelineRole: role(
        'rehearsed-pipeline',
        { Service: 'codepipeline.amazonaws.com' },
        [
          allow('Artifacts', ['s3:PutObject', 's3:GetObject'], artifacts),
          encrypt,
          allow(
            'Source',
            ['s3:GetObject', 's3:GetBucketVersioning'],
            ['arn:aws:s3:::rehearsed-sources', 'arn:aws:s3:::rehearsed-sources/source.zip'],
          ),
          allow('Connection', 'codeconnections:UseConnection', CONNECTION),
          allow('Actions', 'sts:AssumeRole', sub('arn:aws:iam::${AWS::AccountId}:role/rehearsed-action')),
        ],
        pipelineWithout,
      ),
      ActionRole: role('rehearsed-action', { AWS: sub('arn:aws:iam::${AWS::AccountId}:root') }, [
        allow(
          'Builds',
          ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
          sub('arn:aws:codebuild:${AWS::Region}:${AWS::AccountId}:project/rehearsed-*'),
        ),
      ]),
      MakeRole: role(
        'rehearsed-make',
        { Service: 'codebuild.amazonaws.com' },
        [
          logs,
          allow('Artifacts', ['s3:PutObject', 's3:GetObject'], artifacts),
          encrypt,
          allow('Cache', ['s3:PutObject', 's3:GetObject'], sub('arn:aws:s3:::${Bucket}/cache/*')),
          allow('Connection', 'codeconnections:UseConnection', CONNECTION),
          allow(
            'Stack',
            ['cloudformation:UpdateStack', 'cloudformation:DescribeStacks'],
            sub('arn:aws:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/rehearsed/*'),
          ),
        ],
        makeWithout,
      ),
      ShipRole: role(
        'rehearsed-ship',
        { Service: trusts ?? 'codebuild.amazonaws.com' },
        [
          logs,
          allow('Artifacts', 's3:GetObject', artifacts),
          decrypt,
          allow('Secret', 'secretsmanager:GetSecretValue', { Ref: 'Secret' }),
          allow(
            'Read',
            'ssm:GetParameters',
            sub('arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/rehearsed/message'),
          ),
          allow(
            'Release',
            'ssm:PutParameter',
            sub('arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/rehearsed/released'),
          ),
        ],
        without,
      ),
      Make: project(
        'rehearsed-make',
        'MakeRole',
        {
          env: { 'exported-variables': ['COMMITS'] },
          phases: {
            install: { commands: ['test -z "${AWS_PROFILE-}${NX_CDK_SERVICE_SESSIONS-}"'] },
            build: {
              commands: [
                ...sources[source].commands,
                'mkdir -p out/bin && cp run.sh out/bin/run.sh && ln -s bin/run.sh out/link',
                'cat cached 2> /dev/null || echo "nothing cached"; echo "cached before" > cached',
                ...make,
              ],
            },
          },
          artifacts: { 'base-directory': 'out', files: ['**/*'], 'enable-symlinks': 'yes' },
          cache: { paths: ['cached'] },
        },
        {},
        { Cache: { Type: 'S3', Location: sub('${Bucket}/cache') } },
      ),
      Ship: project(
        'rehearsed-ship',
        'ShipRole',
        {
          env: {
            variables: { GREETING: 'overridden', TARGET: '/rehearsed/released' },
            'parameter-store': { MESSAGE: '/rehearsed/message' },
            'secrets-manager': { PASSWORD: 'rehearsed:password' },
          },
          phases: {
            build: {
              commands: [
                'test -x bin/run.sh && test -L link && test -z "${CODEBUILD_RESOLVED_SOURCE_VERSION-}"',
                'echo "the password is $PASSWORD"',
                './link > said && test "$(cat said)" = "run in $CODEBUILD_SRC_DIR"',
                `node ${program('put-parameter.mjs')} "$TARGET" "$GREETING $COMMITS $MESSAGE"`,
              ],
              finally: ['echo "finally $CODEBUILD_BUILD_SUCCEEDING"'],
            },
          },
        },
        { EnvironmentVariables: [{ Name: 'GREETING', Value: 'of the project' }] },
      ),
      Pipeline: {
        Type: 'AWS::CodePipeline::Pipeline',
        Properties: {
          Name: PIPELINE,
          PipelineType: 'V2',
          RoleArn: arnOf('PipelineRole'),
          ArtifactStore: {
            Type: 'S3',
            Location: { Ref: 'Bucket' },
            EncryptionKey: { Type: 'KMS', Id: arnOf('Key') },
          },
          Variables: [{ Name: 'GREETING', DefaultValue: 'good morning' }],
          Stages: [
            {
              Name: 'Source',
              Actions: [{ ...sources[source].action, OutputArtifacts: [{ Name: 'Sources' }], Namespace: 'Repository' }],
            },
            {
              Name: 'Build',
              Actions: [
                action('Make', 'Build', 'CodeBuild', {
                  Configuration: { ProjectName: { Ref: 'Make' } },
                  InputArtifacts: [{ Name: 'Sources' }],
                  OutputArtifacts: [{ Name: 'Made' }],
                  Namespace: 'Made',
                  RoleArn: arnOf('ActionRole'),
                }),
              ],
            },
            {
              Name: 'Prod',
              ...(commits && { BeforeEntry: entryIf('#{Made.COMMITS}', commits) }),
              Actions: [
                action('Ship', 'Build', 'CodeBuild', {
                  Configuration: {
                    ProjectName: { Ref: 'Ship' },
                    EnvironmentVariables: JSON.stringify([
                      variable('GREETING', '#{variables.GREETING}'),
                      variable('COMMITS', '#{Made.COMMITS}'),
                    ]),
                  },
                  InputArtifacts: [{ Name: 'Made' }],
                  RoleArn: arnOf('ActionRole'),
                  RunOrder: 2,
                }),
                action('Approve', 'Approval', 'Manual', { RunOrder: 1 }),
              ],
            },
            {
              'Fn::If': [
                'HasExtra',
                { Name: 'Extra', Actions: [action('ApproveToo', 'Approval', 'Manual', {})] },
                { Ref: 'AWS::NoValue' },
              ],
            },
          ],
        },
      },
    },
  };
}

/** A command of a build that gives the pipeline a further stage. */
export const addStage = `node ${program('update-stack.mjs')} ${STACK} Extra yes`;
