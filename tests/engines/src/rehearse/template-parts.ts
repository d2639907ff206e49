import { join } from 'node:path';

/** In the value of a secret that the build `Ship` writes to its output. */
export const SECRET = 'open-sesame';
export const STACK = 'rehearsed';
export const PIPELINE = 'a-pipeline-with-a-long-name';
export const CONNECTION = 'arn:aws:codeconnections:eu-west-1:123456789012:connection/1';

/** A program beside this file, which a build runs. */
export const program = (name: string) => join(import.meta.dirname, 'programs', name);

export const sub = (text: string) => ({ 'Fn::Sub': text });
export const arnOf = (resource: string) => ({ 'Fn::GetAtt': [resource, 'Arn'] });
export const allow = (Sid: string, Action: string | string[], Resource: unknown) => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
});
const trust = (Principal: object) => ({ Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] });
export const role = (
  name: string,
  principal: object,
  statements: readonly { Sid: string }[],
  without: readonly string[] = [],
) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: name,
    AssumeRolePolicyDocument: trust(principal),
    Policies: [
      { PolicyName: 'p', PolicyDocument: { Statement: statements.filter(({ Sid }) => !without.includes(Sid)) } },
    ],
  },
});

export const logs = allow(
  'Logs',
  ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  sub('arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/codebuild/*'),
);
export const artifacts = sub('arn:aws:s3:::${Bucket}/a-pipeline-with-a-lo/*');
export const encrypt = allow('Encrypt', ['kms:GenerateDataKey', 'kms:Decrypt'], arnOf('Key'));
export const decrypt = allow('Decrypt', 'kms:Decrypt', arnOf('Key'));

export const project = (
  name: string,
  roleOf: string,
  buildspec: object,
  environment: object = {},
  rest: object = {},
) => ({
  Type: 'AWS::CodeBuild::Project',
  Properties: {
    Name: name,
    ServiceRole: arnOf(roleOf),
    Source: { Type: 'CODEPIPELINE', BuildSpec: JSON.stringify({ version: 0.2, ...buildspec }, null, 2) },
    Artifacts: { Type: 'CODEPIPELINE' },
    Environment: {
      Type: 'LINUX_CONTAINER',
      ComputeType: 'BUILD_GENERAL1_SMALL',
      Image: 'aws/codebuild/standard:7.0',
      ...environment,
    },
    ...rest,
  },
});

export const action = (name: string, category: string, provider: string, rest: object) => ({
  Name: name,
  ActionTypeId: { Category: category, Owner: 'AWS', Provider: provider, Version: '1' },
  ...rest,
});

/** A stage is entered only if a variable matches. */
export const entryIf = (Variable: string, Value: string) => ({
  Conditions: [
    {
      Result: 'FAIL',
      Rules: [
        {
          Name: 'Check',
          RuleTypeId: { Category: 'Rule', Owner: 'AWS', Provider: 'VariableCheck', Version: '1' },
          Configuration: { Variable, Value, Operator: 'MATCHES' },
        },
      ],
    },
  ],
});

/** What is different with each kind of source: the action, and what the first build finds. */
export const sources = {
  connection: {
    action: action('Repository', 'Source', 'CodeStarSourceConnection', {
      Configuration: {
        ConnectionArn: CONNECTION,
        FullRepositoryId: 'example/shop',
        BranchName: 'main',
        OutputArtifactFormat: 'CODEBUILD_CLONE_REF',
      },
    }),
    commands: [
      'export COMMITS="$(git rev-list --count HEAD)"',
      'test "$(git rev-parse HEAD)" = "$CODEBUILD_RESOLVED_SOURCE_VERSION"',
    ],
  },
  github: {
    action: action('Repository', 'Source', 'GitHub', {
      Configuration: { Owner: 'example', Repo: 'shop', Branch: 'main', OAuthToken: 'none' },
    }),
    commands: ['test ! -e .git', 'export COMMITS=none'],
  },
  s3: {
    action: action('Repository', 'Source', 'S3', {
      Configuration: { S3Bucket: 'rehearsed-sources', S3ObjectKey: 'source.zip' },
    }),
    commands: ['test -d .git', 'export COMMITS="$(git rev-list --count HEAD)"'],
  },
};
