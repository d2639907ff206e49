import { CONNECTION, environment, PROD, STAGING, testEnvironments, testStack } from './testing/test-app.ts';
import { LiteralTemplate, resourcesOf, statementsOf, type Statement } from './testing/literal-template.ts';

const template = new LiteralTemplate(testStack());
const bucketArn = (part: string) => {
  const [id] = Object.keys(template.resources).filter((name) => name.startsWith(part));
  return `arn:aws:s3:::${id?.toLowerCase().padEnd(63, 'x')}`;
};
const ARTIFACTS = bucketArn('ArtifactsBucket');
const CACHE = bucketArn('CacheBucket');
const KEY = statementsOf(template.role('nx-cdk-publish')).find(({ Action }) => Action === 'kms:Decrypt')!.Resource;

const allow = (Action: string | string[], Resource: string | string[]): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const role = (kind: string, account: string, region: string) =>
  `arn:aws:iam::${account}:role/cdk-hnb659fds-${kind}-role-${account}-${region}`;
const logs = (step: string) =>
  allow(
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    `arn:aws:logs:eu-west-1:123456789012:log-group:/aws/codebuild/nx-cdk-${step}:*`,
  );
/** What builds do with artifacts; CDK merges what is allowed on the same resources. */
const taking = (...names: string[]) => [
  allow(['s3:GetBucketAcl', 's3:GetBucketLocation'], ARTIFACTS),
  allow(
    ['s3:GetObject', 's3:GetObjectVersion'],
    names.length === 1 ? `${ARTIFACTS}/nx-cdk/${names[0]}/*` : names.map((name) => `${ARTIFACTS}/nx-cdk/${name}/*`),
  ),
];
const making = (name: string) => [
  allow('s3:PutObject', `${ARTIFACTS}/nx-cdk/${name}/*`),
  allow(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], KEY),
];
const reading = (...names: string[]) => [...taking(...names), allow('kms:Decrypt', KEY)];
const CLONING = {
  ...allow('codeconnections:UseConnection', CONNECTION),
  Condition: {
    StringNotEquals: { 'codeconnections:ProviderPermissionsRequired': 'read_write' },
    StringEqualsIfExists: { 'codeconnections:FullRepositoryId': 'example/shop' },
  },
};
const record = (environment: string, group: string) =>
  allow(
    ['ssm:GetParameters', 'ssm:PutParameter'],
    `arn:aws:ssm:eu-west-1:123456789012:parameter/nx-cdk/releases/${environment}/${group}`,
  );

describe('a step may do this and nothing else:', () => {
  test.each<[string, Statement[]]>([
    [
      'synth',
      [
        logs('synth'),
        allow(['s3:GetBucketAcl', 's3:GetBucketLocation'], [ARTIFACTS, CACHE]),
        ...taking('Source').slice(1),
        ...making('Assemblies'),
        CLONING,
        allow(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], `${CACHE}/*`),
      ],
    ],
    ['synth-pipeline', [logs('synth-pipeline'), ...taking('Source'), ...making('Pipeline'), CLONING]],
    ['tools', [logs('tools'), ...taking('Source'), ...making('Workspace'), CLONING]],
    [
      'update',
      [
        allow('sts:AssumeRole', [
          role('deploy', '123456789012', 'eu-west-1'),
          role('file-publishing', '123456789012', 'eu-west-1'),
        ]),
        logs('update'),
        ...reading('Pipeline', 'Workspace'),
      ],
    ],
    [
      'publish',
      [
        allow('sts:AssumeRole', [
          role('file-publishing', STAGING.account, STAGING.region),
          role('file-publishing', PROD.account, PROD.region),
        ]),
        logs('publish'),
        ...reading('Assemblies', 'Workspace'),
      ],
    ],
    [
      'deploy-staging-111111111111-eu-west-1',
      [
        allow('sts:AssumeRole', role('deploy', STAGING.account, STAGING.region)),
        logs('deploy-staging-111111111111-eu-west-1'),
        ...reading('Workspace'),
        record('staging', '111111111111-eu-west-1'),
      ],
    ],
    [
      'deploy-prod-222222222222-us-east-1',
      [
        allow('sts:AssumeRole', role('deploy', PROD.account, PROD.region)),
        logs('deploy-prod-222222222222-us-east-1'),
        ...reading('Workspace'),
        record('prod', '222222222222-us-east-1'),
      ],
    ],
    [
      'pipeline',
      [
        allow(
          ['codebuild:BatchGetBuilds', 'codebuild:StartBuild', 'codebuild:StopBuild'],
          [
            'deploy-prod-222222222222-us-east-1',
            'deploy-staging-111111111111-eu-west-1',
            'publish',
            'synth',
            'synth-pipeline',
            'tools',
            'update',
          ].map((step) => `arn:aws:codebuild:eu-west-1:123456789012:project/nx-cdk-${step}`),
        ),
        allow(['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning'], ARTIFACTS),
        allow(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:PutObjectAcl'], `${ARTIFACTS}/*`),
        allow(['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'], KEY),
        allow('codeconnections:UseConnection', CONNECTION),
      ],
    ],
    [
      'lookups',
      [
        allow('sts:AssumeRole', [
          role('lookup', STAGING.account, STAGING.region),
          `arn:aws:iam::${STAGING.account}:role/cdk-readOnlyRole`,
          role('lookup', PROD.account, PROD.region),
          `arn:aws:iam::${PROD.account}:role/cdk-readOnlyRole`,
        ]),
      ],
    ],
  ])('%s', (step, statements) => {
    expect(statementsOf(template.role(`nx-cdk-${step}`))).toEqual(statements);
  });

  test('and there is no role beside these', () => {
    expect(template.roles).toHaveLength(9);
    expect(template.ofType('AWS::IAM::Policy')).toEqual([]);
    expect(template.ofType('AWS::IAM::ManagedPolicy')).toEqual([]);
  });
});

test('releases are signed by who publishes, verified by who deploys, and by nobody else', () => {
  const key = 'arn:aws:kms:eu-west-1:123456789012:key/1a2b3c4d';
  const environments = { ...testEnvironments(), signing: { key, algorithm: 'ECDSA_SHA_256' as const } };
  const signed = new LiteralTemplate(testStack(environments));
  const uses = (step: string) =>
    statementsOf(signed.role(`nx-cdk-${step}`)).filter(({ Resource }) => JSON.stringify(Resource).includes(key));

  expect(uses('publish')).toEqual([allow('kms:Sign', key)]);
  expect(uses('deploy-prod-222222222222-us-east-1')).toEqual([allow('kms:Verify', key)]);
  // The pipeline is an app like others: this step publishes and deploys it.
  expect(uses('update')).toEqual([{ Effect: 'Allow', Action: ['kms:Sign', 'kms:Verify'], Resource: key }]);
  for (const step of ['synth', 'synth-pipeline', 'tools', 'pipeline', 'lookups']) expect(uses(step)).toEqual([]);
});

describe('a role is taken', () => {
  test.each(['synth', 'synth-pipeline', 'tools', 'update', 'publish', 'deploy-prod-222222222222-us-east-1'])(
    'by the builds of its own project: %s',
    (step) => {
      expect(template.role(`nx-cdk-${step}`).trust.Statement).toEqual([
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'codebuild.amazonaws.com' },
          Condition: {
            StringEquals: {
              'aws:SourceAccount': '123456789012',
              'aws:SourceArn': `arn:aws:codebuild:eu-west-1:123456789012:project/nx-cdk-${step}`,
            },
          },
        },
      ]);
    },
  );

  test('by the one pipeline', () => {
    expect(template.role('nx-cdk-pipeline').trust.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'codepipeline.amazonaws.com' },
        Condition: {
          StringEquals: {
            'aws:SourceAccount': '123456789012',
            'aws:SourceArn': 'arn:aws:codepipeline:eu-west-1:123456789012:nx-cdk',
          },
        },
      },
    ]);
  });

  test('for lookups by whom the CI account lets', () => {
    expect(template.role('nx-cdk-lookups').trust.Statement).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: 'arn:aws:iam::123456789012:root' } },
    ]);
  });

  test('by name only: no permission to take roles has a wildcard, nor is one for all accounts', () => {
    const arns = template.roles.flatMap((taker) => resourcesOf(taker, 'sts:AssumeRole'));
    expect(arns.length).toBeGreaterThan(5);
    for (const arn of arns) expect(arn).toMatch(/^arn:aws:iam::\d{12}:role\/[\w-]+$/);
    expect(template.text).not.toContain('iam::*');
  });
});

describe('given container images', () => {
  const images = new LiteralTemplate(testStack(testEnvironments({ images: true })));

  test('publishing and updating may use the image-publishing roles too, and no deploy step may', () => {
    const kinds = (step: string) =>
      resourcesOf(images.role(`nx-cdk-${step}`), 'sts:AssumeRole').map((arn) => arn.match(/hnb659fds-(.*)-role/)?.[1]);
    expect(kinds('publish')).toEqual(['file-publishing', 'image-publishing', 'file-publishing', 'image-publishing']);
    expect(kinds('update').sort()).toEqual(['deploy', 'file-publishing', 'image-publishing']);
    expect(kinds('deploy-staging-111111111111-eu-west-1')).toEqual(['deploy']);
  });

  test('nothing but publishing is privileged, and without them nothing is', () => {
    const privileged = (of: LiteralTemplate) =>
      of
        .ofType('AWS::CodeBuild::Project')
        .filter(({ Environment }) => Environment.PrivilegedMode)
        .map(({ Name }) => Name);
    expect(privileged(images)).toEqual(['nx-cdk-publish']);
    expect(privileged(template)).toEqual([]);
  });
});

test('a group of several targets may use the deploy roles of all of them, and keeps one record', () => {
  const both = environment('prod', [STAGING, PROD], { parallelActions: 1 });
  const deploy = new LiteralTemplate(testStack(testEnvironments({}, [both]))).role('nx-cdk-deploy-prod-1-of-1');
  expect(resourcesOf(deploy, 'sts:AssumeRole')).toEqual([
    role('deploy', STAGING.account, STAGING.region),
    role('deploy', PROD.account, PROD.region),
  ]);
  expect(resourcesOf(deploy, 'ssm:PutParameter')).toEqual([
    'arn:aws:ssm:eu-west-1:123456789012:parameter/nx-cdk/releases/prod/1-of-1',
  ]);
});
