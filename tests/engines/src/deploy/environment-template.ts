/** Names of the roles and the bucket that the template below makes. */
export const BUCKET = 'staging-${AWS::AccountId}-${AWS::Region}';
export const DEPLOY_ROLE = 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/test-deploy-role';
export const EXECUTION_ROLE = 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/test-execution-role';
export const VERSION_PARAMETER = '/test-bootstrap/version';

/**
 * What bootstrapping leaves in an account, as far as a deployment touches it. The deploy role has the permissions of
 * the CDK bootstrap template's and none besides, so that the suite fails when the engine calls anything else.
 */
export const ENVIRONMENT_TEMPLATE = {
  Resources: {
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { 'Fn::Sub': BUCKET } } },
    Version: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: VERSION_PARAMETER, Value: '30' } },
    ExecutionRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'test-execution-role',
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'cloudformation.amazonaws.com' } },
          ],
        },
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
      },
    },
    DeployRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'test-deploy-role',
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 'sts:AssumeRole',
              Principal: { AWS: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' } },
            },
          ],
        },
        Policies: [
          {
            PolicyName: 'default',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Resource: '*',
                  Action: [
                    'cloudformation:CreateChangeSet',
                    'cloudformation:DeleteChangeSet',
                    'cloudformation:ExecuteChangeSet',
                    'cloudformation:CreateStack',
                    'cloudformation:UpdateStack',
                    'cloudformation:RollbackStack',
                    'cloudformation:ContinueUpdateRollback',
                    'cloudformation:DeleteStack',
                    'cloudformation:UpdateTerminationProtection',
                    'cloudformation:Describe*',
                    'cloudformation:GetTemplate*',
                    'sts:GetCallerIdentity',
                  ],
                },
                { Effect: 'Allow', Action: 'iam:PassRole', Resource: { 'Fn::GetAtt': ['ExecutionRole', 'Arn'] } },
                {
                  Effect: 'Allow',
                  Action: ['s3:GetObject*', 's3:GetBucket*', 's3:List*'],
                  Resource: [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, { 'Fn::Sub': '${Bucket.Arn}/*' }],
                },
                {
                  Effect: 'Allow',
                  Action: ['ssm:GetParameter', 'ssm:GetParameters'],
                  Resource: {
                    'Fn::Sub': `arn:aws:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${VERSION_PARAMETER}`,
                  },
                },
              ],
            },
          },
        ],
      },
    },
  },
};
