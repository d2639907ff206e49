import { runSimulation } from '@cloud-copilot/iam-simulate';
import { CONNECTION, testStack } from './testing/test-app.ts';
import { LiteralTemplate, type RoleFacts } from './testing/literal-template.ts';

/**
 * What the template says is read by a policy engine here, so that a test fails for what a policy means and not for how
 * it is written.
 */
const template = new LiteralTemplate(testStack());
const CI = '123456789012';
const DEPLOY_STAGING = 'nx-cdk-deploy-staging-111111111111-eu-west-1';
const DEPLOY_PROD = 'nx-cdk-deploy-prod-222222222222-us-east-1';

const [cacheBucket] = Object.values(template.ofType('AWS::S3::BucketPolicy')).filter(({ Bucket }) =>
  Bucket.startsWith('cachebucket'),
);
const CACHE_OBJECT = `arn:aws:s3:::${cacheBucket.Bucket}/build/entry`;
const [store] = template.ofType('AWS::CodePipeline::Pipeline').map(({ ArtifactStore }) => ArtifactStore.Location);
const artifact = (name: string) => `arn:aws:s3:::${store}/nx-cdk/${name}/x`;

const bootstrapRole = (kind: string, account: string, region: string) =>
  `arn:aws:iam::${account}:role/cdk-hnb659fds-${kind}-role-${account}-${region}`;
const record = (environment: string, group: string) =>
  `arn:aws:ssm:eu-west-1:${CI}:parameter/nx-cdk/releases/${environment}/${group}`;

/** What comes of a request by a role, or by somebody with policies of another kind. */
async function decide(
  principal: Pick<RoleFacts, 'name' | 'inline' | 'managed'>,
  action: string,
  resource: string,
  resourcePolicy?: object,
  context: Readonly<Record<string, string>> = {},
): Promise<string> {
  const account = resource.split(':')[4] || CI;
  const results = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${CI}:assumed-role/${principal.name}/build`,
        action,
        resource: { resource, accountId: account },
        contextVariables: {
          'aws:SecureTransport': 'true',
          'aws:PrincipalArn': `arn:aws:iam::${CI}:role/${principal.name}`,
          ...context,
        },
      },
      identityPolicies: [...principal.inline, ...principal.managed].map((policy, index) => ({
        name: `policy-${index}`,
        policy,
      })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy,
    },
    {},
  );
  if (results.resultType === 'error') throw new Error(JSON.stringify(results.errors));
  return results.overallResult;
}

/** As the trust policy that bootstrapping gives a role: the IAM of the CI account says who may assume it. */
const TRUSTS_CI = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${CI}:root` } }],
};

const assume = (name: string, arn: string) => decide(template.role(name), 'sts:AssumeRole', arn, TRUSTS_CI);
const may = (name: string, action: string, resource: string) => decide(template.role(name), action, resource);

const FILES_STAGING = bootstrapRole('file-publishing', '111111111111', 'eu-west-1');
const FILES_PROD = bootstrapRole('file-publishing', '222222222222', 'us-east-1');
const ROLE_STAGING = bootstrapRole('deploy', '111111111111', 'eu-west-1');
const ROLE_PROD = bootstrapRole('deploy', '222222222222', 'us-east-1');
const ROLE_CI = bootstrapRole('deploy', CI, 'eu-west-1');
const RECORD_STAGING = record('staging', '111111111111-eu-west-1');
const RECORD_PROD = record('prod', '222222222222-us-east-1');

describe('publishing', () => {
  test.each([FILES_STAGING, FILES_PROD])('may take %s', async (arn) => {
    expect(await assume('nx-cdk-publish', arn)).toBe('Allowed');
  });

  test.each([
    ROLE_STAGING,
    ROLE_PROD,
    ROLE_CI,
    bootstrapRole('image-publishing', '111111111111', 'eu-west-1'),
    bootstrapRole('lookup', '111111111111', 'eu-west-1'),
    bootstrapRole('cfn-exec', '111111111111', 'eu-west-1'),
    bootstrapRole('file-publishing', '111111111111', 'us-east-1'),
    bootstrapRole('file-publishing', '333333333333', 'eu-west-1'),
    `arn:aws:iam::${CI}:role/${DEPLOY_PROD}`,
  ])('may not take %s', async (arn) => {
    expect(await assume('nx-cdk-publish', arn)).toBe('ImplicitlyDenied');
  });

  test.each(['ssm:GetParameters', 'ssm:PutParameter'])('may not %s a deployment record', async (action) => {
    expect(await may('nx-cdk-publish', action, RECORD_STAGING)).toBe('ImplicitlyDenied');
  });
});

describe('deploying', () => {
  test('to staging may take its deploy role, and keep its record', async () => {
    expect(await assume(DEPLOY_STAGING, ROLE_STAGING)).toBe('Allowed');
    expect(await may(DEPLOY_STAGING, 'ssm:GetParameters', RECORD_STAGING)).toBe('Allowed');
    expect(await may(DEPLOY_STAGING, 'ssm:PutParameter', RECORD_STAGING)).toBe('Allowed');
  });

  test.each([ROLE_PROD, ROLE_CI, FILES_STAGING, FILES_PROD, bootstrapRole('deploy', '111111111111', 'us-east-1')])(
    'to staging may not take %s',
    async (arn) => {
      expect(await assume(DEPLOY_STAGING, arn)).toBe('ImplicitlyDenied');
    },
  );

  test.each(['ssm:GetParameters', 'ssm:PutParameter', 'ssm:DeleteParameter'])(
    'to staging may not %s the record of prod',
    async (action) => {
      expect(await may(DEPLOY_STAGING, action, RECORD_PROD)).toBe('ImplicitlyDenied');
    },
  );

  test('may not delete even its own record', async () => {
    expect(await may(DEPLOY_STAGING, 'ssm:DeleteParameter', RECORD_STAGING)).toBe('ImplicitlyDenied');
  });

  test('to prod is for its own group only', async () => {
    expect(await assume(DEPLOY_PROD, ROLE_PROD)).toBe('Allowed');
    expect(await assume(DEPLOY_PROD, ROLE_STAGING)).toBe('ImplicitlyDenied');
    expect(await may(DEPLOY_PROD, 'ssm:PutParameter', RECORD_PROD)).toBe('Allowed');
    expect(await may(DEPLOY_PROD, 'ssm:PutParameter', RECORD_STAGING)).toBe('ImplicitlyDenied');
  });
});

describe('updating the pipeline', () => {
  test('may take the roles of the CI account that this takes', async () => {
    expect(await assume('nx-cdk-update', ROLE_CI)).toBe('Allowed');
    expect(await assume('nx-cdk-update', bootstrapRole('file-publishing', CI, 'eu-west-1'))).toBe('Allowed');
  });

  test.each([
    ROLE_STAGING,
    ROLE_PROD,
    FILES_STAGING,
    FILES_PROD,
    bootstrapRole('deploy', CI, 'us-east-1'),
    bootstrapRole('cfn-exec', CI, 'eu-west-1'),
    `arn:aws:iam::${CI}:role/nx-cdk-lookups`,
  ])('may not take %s', async (arn) => {
    expect(await assume('nx-cdk-update', arn)).toBe('ImplicitlyDenied');
  });
});

describe('synthesizing and starting steps', () => {
  test.each(['nx-cdk-synth', 'nx-cdk-synth-pipeline', 'nx-cdk-tools', 'nx-cdk-pipeline'])(
    '%s may take no role at all',
    async (name) => {
      const everyRole = [
        ...template.roles.map((role) => `arn:aws:iam::${CI}:role/${role.name}`),
        ...['deploy', 'file-publishing', 'image-publishing', 'lookup', 'cfn-exec'].flatMap((kind) => [
          bootstrapRole(kind, '111111111111', 'eu-west-1'),
          bootstrapRole(kind, '222222222222', 'us-east-1'),
          bootstrapRole(kind, CI, 'eu-west-1'),
        ]),
      ];
      for (const arn of everyRole) expect(await assume(name, arn)).toBe('ImplicitlyDenied');
    },
  );

  test('the pipeline starts its own projects and no other', async () => {
    const project = (name: string) => `arn:aws:codebuild:eu-west-1:${CI}:project/${name}`;
    expect(await may('nx-cdk-pipeline', 'codebuild:StartBuild', project('nx-cdk-publish'))).toBe('Allowed');
    expect(await may('nx-cdk-pipeline', 'codebuild:StartBuild', project('other'))).toBe('ImplicitlyDenied');
  });
});

describe('an artifact', () => {
  const FIRST = ['nx-cdk-tools', 'nx-cdk-synth', 'nx-cdk-synth-pipeline'];
  const STEPS = ['nx-cdk-update', 'nx-cdk-publish', DEPLOY_STAGING, DEPLOY_PROD];

  test.each([
    ['Workspace', 'nx-cdk-tools', STEPS],
    ['Assemblies', 'nx-cdk-synth', ['nx-cdk-publish']],
    ['Pipeline', 'nx-cdk-synth-pipeline', ['nx-cdk-update']],
    ['Source', 'nx-cdk-pipeline', FIRST],
  ])('%s is written by %s and by nobody else, and read by those that take it', async (name, writer, readers) => {
    // The pipeline's own role writes what the source action makes; no code of the workspace runs with it.
    for (const role of template.roles.filter((one) => one.name !== 'nx-cdk-pipeline' || one.name === writer)) {
      const read = await decide(role, 's3:GetObject', artifact(name));
      const write = await decide(role, 's3:PutObject', artifact(name));
      const wanted = role.name === writer ? 'Allowed' : 'ImplicitlyDenied';
      expect([role.name, write]).toEqual([role.name, wanted]);
      if (role.name === writer) continue;
      expect([role.name, read]).toEqual([role.name, readers.includes(role.name) ? 'Allowed' : 'ImplicitlyDenied']);
    }
  });

  test.each(['s3:GetObject', 's3:GetObjectVersion'])(
    'of assemblies is out of reach for %s by deploying',
    async (action) => {
      for (const name of [DEPLOY_STAGING, DEPLOY_PROD]) {
        expect(await may(name, action, artifact('Workspace'))).toBe('Allowed');
        for (const kind of ['Assemblies', 'Pipeline']) {
          expect(await may(name, action, artifact(kind))).toBe('ImplicitlyDenied');
        }
      }
    },
  );

  test.each(['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObjectAcl'])('allows no step %s', async (action) => {
    for (const name of [...FIRST, ...STEPS]) {
      for (const kind of ['Workspace', 'Assemblies', 'Pipeline']) {
        expect(await may(name, action, artifact(kind))).toBe('ImplicitlyDenied');
      }
    }
  });
});

describe('the repository', () => {
  const use = (name: string, more: Record<string, string>) =>
    decide(template.role(name), 'codeconnections:UseConnection', CONNECTION, undefined, {
      'codeconnections:FullRepositoryId': 'example/shop',
      ...more,
    });

  test.each(['nx-cdk-tools', 'nx-cdk-synth', 'nx-cdk-synth-pipeline'])(
    'can be cloned by %s, not pushed to, and no other one',
    async (name) => {
      const read = { 'codeconnections:ProviderPermissionsRequired': 'read_only' };
      expect(await use(name, read)).toBe('Allowed');
      expect(await use(name, { 'codeconnections:ProviderPermissionsRequired': 'read_write' })).toBe('ImplicitlyDenied');
      expect(await use(name, { ...read, 'codeconnections:FullRepositoryId': 'example/other' })).toBe(
        'ImplicitlyDenied',
      );
    },
  );

  test('is out of reach where roles are', async () => {
    expect(await use('nx-cdk-publish', {})).toBe('ImplicitlyDenied');
    expect(await use(DEPLOY_PROD, {})).toBe('ImplicitlyDenied');
  });
});

describe('looking up', () => {
  test.each([
    bootstrapRole('lookup', '111111111111', 'eu-west-1'),
    bootstrapRole('lookup', '222222222222', 'us-east-1'),
    'arn:aws:iam::222222222222:role/cdk-readOnlyRole',
  ])('may take %s', async (arn) => {
    expect(await assume('nx-cdk-lookups', arn)).toBe('Allowed');
  });

  test.each([ROLE_STAGING, FILES_PROD, 'arn:aws:iam::333333333333:role/cdk-readOnlyRole'])(
    'may not take %s',
    async (arn) => {
      expect(await assume('nx-cdk-lookups', arn)).toBe('ImplicitlyDenied');
    },
  );
});

describe('the cache', () => {
  const policy = cacheBucket.PolicyDocument as object;
  /** Somebody whose own policies allow everything, such as the role of a badly kept project for pull requests. */
  const careless = {
    name: 'pull-requests',
    inline: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }],
    managed: [],
  };

  test('is written by Synth', async () => {
    expect(await decide(template.role('nx-cdk-synth'), 's3:PutObject', CACHE_OBJECT, policy)).toBe('Allowed');
  });

  test.each(['s3:PutObject', 's3:PutObjectAcl', 's3:PutObjectTagging', 's3:DeleteObject', 's3:DeleteObjectVersion'])(
    'refuses %s by everybody else, whatever they are allowed',
    async (action) => {
      expect(await decide(careless, action, CACHE_OBJECT, policy)).toBe('ExplicitlyDenied');
    },
  );

  test('can be read by those who are allowed to', async () => {
    expect(await decide(careless, 's3:GetObject', CACHE_OBJECT, policy)).toBe('Allowed');
    expect(await decide(template.role('nx-cdk-publish'), 's3:GetObject', CACHE_OBJECT, policy)).toBe(
      'ImplicitlyDenied',
    );
  });
});
