/**
 * A pipeline of a source and a build, its project, and roles for both and for somebody who looks at one of them only.
 */
export const pipelineTemplate = {
  Parameters: { Branch: { Type: 'String', Default: 'main' } },
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'looker',
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'p',
            PolicyDocument: {
              Statement: [
                {
                  Effect: 'Allow',
                  Action: 'codepipeline:GetPipeline',
                  Resource: { 'Fn::Sub': 'arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:ship' },
                },
                {
                  Effect: 'Allow',
                  Action: ['codebuild:StartBuild', 'codebuild:BatchGet*'],
                  Resource: { 'Fn::Sub': 'arn:aws:codebuild:${AWS::Region}:${AWS::AccountId}:project/synth' },
                },
              ],
            },
          },
        ],
      },
    },
    Project: {
      Type: 'AWS::CodeBuild::Project',
      Properties: {
        Name: 'synth',
        Description: 'Synthesizes',
        ServiceRole: { 'Fn::GetAtt': ['Role', 'Arn'] },
        EncryptionKey: { 'Fn::Sub': 'arn:aws:kms:${AWS::Region}:${AWS::AccountId}:key/1' },
        TimeoutInMinutes: 30,
        Source: { Type: 'CODEPIPELINE', BuildSpec: 'version: 0.2\n' },
        Artifacts: { Type: 'CODEPIPELINE' },
        Environment: {
          Type: 'ARM_CONTAINER',
          ComputeType: 'BUILD_GENERAL1_LARGE',
          Image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0',
          PrivilegedMode: false,
          EnvironmentVariables: [{ Name: 'BRANCH', Value: { Ref: 'Branch' } }],
        },
        Cache: { Type: 'S3', Location: 'cache/npm' },
        LogsConfig: { CloudWatchLogs: { Status: 'ENABLED', GroupName: 'logs-of-synth' } },
      },
    },
    Pipeline: {
      Type: 'AWS::CodePipeline::Pipeline',
      Properties: {
        Name: 'ship',
        PipelineType: 'V2',
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        RestartExecutionOnUpdate: true,
        ArtifactStore: {
          Type: 'S3',
          Location: 'artifacts',
          EncryptionKey: { Type: 'KMS', Id: { 'Fn::Sub': 'arn:aws:kms:${AWS::Region}:${AWS::AccountId}:key/1' } },
        },
        Variables: [{ Name: 'TARGETS', DefaultValue: 'all', Description: 'Where to deploy to' }],
        Stages: [
          {
            Name: 'Source',
            Actions: [
              {
                Name: 'Repository',
                ActionTypeId: {
                  Category: 'Source',
                  Owner: 'AWS',
                  Provider: 'CodeStarSourceConnection',
                  Version: '1',
                },
                Configuration: { BranchName: { Ref: 'Branch' }, DetectChanges: true, FullRepositoryId: 'example/nx' },
                OutputArtifacts: [{ Name: 'Sources' }],
              },
            ],
          },
          {
            Name: 'Build',
            Actions: [
              {
                Name: 'Synth',
                ActionTypeId: { Category: 'Build', Owner: 'AWS', Provider: 'CodeBuild', Version: '1' },
                Configuration: { ProjectName: { Ref: 'Project' } },
                InputArtifacts: [{ Name: 'Sources' }],
                RunOrder: '2',
                TimeoutInMinutes: '45',
                RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
              },
            ],
          },
        ],
      },
    },
  },
};
