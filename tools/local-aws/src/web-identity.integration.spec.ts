import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cloudFormation from '@aws-sdk/client-cloudformation';
import * as iam from '@aws-sdk/client-iam';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startInstance, type LocalAws } from './index.ts';
import { clientsOf, deploy, region, settled } from './testing/clients.ts';

const ci = '123456789012';
const other = '111111111111';
const host = 'token.example.com/tenant';
const providerArn = `arn:aws:iam::${ci}:oidc-provider/${host}`;
const inAnHour = Math.floor(Date.now() / 1000) + 3600;

/** What an issuer writes into a token. */
const usual = {
  iss: `https://${host}`,
  aud: 'sts.amazonaws.com',
  sub: 'repo:example/nx-cdk:ref:refs/heads/main',
  exp: inAnHour,
  iat: inAnHour - 7200,
};

const trust = (condition: object) => ({
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: { Ref: 'Provider' } },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: condition,
    },
  ],
});

const role = (name: string, trustPolicy: object) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: name,
    AssumeRolePolicyDocument: trustPolicy,
    Policies: [
      {
        PolicyName: 'p',
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }] },
      },
    ],
  },
});

const template = {
  Resources: {
    Provider: {
      Type: 'AWS::IAM::OIDCProvider',
      Properties: { Url: `https://${host}`, ClientIdList: ['sts.amazonaws.com'], ThumbprintList: ['a'.repeat(40)] },
    },
    Exact: role(
      'exact',
      trust({
        StringEquals: {
          [`${host}:aud`]: 'sts.amazonaws.com',
          [`${host}:sub`]: 'repo:example/nx-cdk:ref:refs/heads/main',
        },
      }),
    ),
    Like: role('like', trust({ StringLike: { [`${host}:sub`]: 'repo:example/nx-cdk:*' } })),
    Services: role('services', {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  },
  Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Provider', 'Arn'] } }, Ref: { Value: { Ref: 'Provider' } } },
};

describe('roles for those who bring a token', () => {
  let folder: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;
  let stacks: cloudFormation.CloudFormationClient;
  let identities: iam.IAMClient;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    aws = await startInstance({ directory: folder, managementAccount: ci, region });
    clients = clientsOf(aws);
    stacks = clients.cloudFormation(aws.credentialsFor(ci));
    identities = new iam.IAMClient(clients.config(aws.credentialsFor(ci)));
  });

  beforeEach(async () => {
    await aws.reset();
    const { stack } = await deploy(stacks, 'identity', template);
    expect(stack.Outputs!.map(({ OutputValue }) => OutputValue)).toEqual([providerArn, providerArn]);
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  /** Asks as a CI job does: without credentials. */
  const assume = (name: string, claims: object, options: { account?: string; Policy?: string; token?: string } = {}) =>
    new STSClient({ ...clients.config({ accessKeyId: '', secretAccessKey: '' }) }).send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: `arn:aws:iam::${options.account ?? ci}:role/${name}`,
        RoleSessionName: 'job',
        WebIdentityToken: options.token ?? aws.identityToken({ ...usual, ...claims }),
        Policy: options.Policy,
      }),
    );
  const provider = () =>
    identities.send(new iam.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: providerArn }));
  const update = (properties: object) => {
    const changed = structuredClone(template);
    Object.assign(changed.Resources.Provider.Properties, properties);
    return deploy(stacks, 'identity', changed, 'UPDATE');
  };

  test('a token that the trust policy describes gets a session, which may do what the role may', async () => {
    for (const name of ['exact', 'like']) {
      const answer = await assume(name, {});
      const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials!;
      const session = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };

      expect(answer).toMatchObject({
        SubjectFromWebIdentityToken: 'repo:example/nx-cdk:ref:refs/heads/main',
        Audience: 'sts.amazonaws.com',
        Provider: providerArn,
      });
      expect(await clients.whoAmI(session)).toMatchObject({ Arn: `arn:aws:sts::${ci}:assumed-role/${name}/job` });
      await expect(
        new iam.IAMClient(clients.config(session)).send(new iam.GetRoleCommand({ RoleName: name })),
      ).resolves.toMatchObject({ Role: { RoleName: name } });
    }
  });

  test('one of another subject is refused, and so is everybody by a role that trusts no provider, or is missing', async () => {
    const fork = { sub: 'repo:somebody/nx-cdk:ref:refs/heads/main' };
    const branch = { sub: 'repo:example/nx-cdk:ref:refs/heads/feature' };

    for (const refused of [
      assume('exact', branch),
      assume('exact', fork),
      assume('like', fork),
      assume('services', {}),
      assume('missing', {}),
    ])
      await expect(refused).rejects.toMatchObject({
        name: 'AccessDenied',
        message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      });
    await expect(assume('like', branch)).resolves.toMatchObject({ Provider: providerArn });
  });

  test('an issuer that is no provider of the account of the role is not known', async () => {
    const unknown = { name: 'InvalidIdentityTokenException', message: expect.stringContaining('No OpenIDConnect') };

    await expect(assume('like', { iss: 'https://token.example.com/elsewhere' })).rejects.toMatchObject(unknown);
    await expect(assume('like', { iss: `http://${host}` })).rejects.toMatchObject(unknown);
    await expect(assume('like', {}, { account: other })).rejects.toMatchObject(unknown);
    await identities.send(new iam.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: providerArn }));
    await expect(assume('like', {})).rejects.toMatchObject(unknown);
  });

  test('an audience that the provider does not list is refused, whatever the trust policy says, until it is listed', async () => {
    const audience = { aud: 'somebody-else' };

    await expect(assume('like', audience)).rejects.toMatchObject({
      name: 'InvalidIdentityTokenException',
      message: 'Incorrect token audience',
    });
    await identities.send(
      new iam.AddClientIDToOpenIDConnectProviderCommand({
        OpenIDConnectProviderArn: providerArn,
        ClientID: 'somebody-else',
      }),
    );
    await expect(assume('like', audience)).resolves.toMatchObject({ Audience: 'somebody-else' });
    // This one asks for an audience of its own.
    await expect(assume('exact', audience)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('a token that expired, or that is none, is refused', async () => {
    await expect(assume('like', { exp: 1_000_000_000 })).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    await expect(assume('like', { exp: undefined })).rejects.toMatchObject({ name: 'InvalidIdentityTokenException' });
    await expect(assume('like', { iss: undefined })).rejects.toMatchObject({ name: 'InvalidIdentityTokenException' });
  });

  test('a token that somebody made up is refused: its signature is not the one of this instance', async () => {
    const [head, claims] = aws.identityToken(usual).split('.') as [string, string];
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    const guessed = createHmac('sha256', 'test').update(`${head}.${claims}`).digest('base64url');

    for (const token of [
      `${head}.${claims}.c2lnbmF0dXJl`,
      `${head}.${claims}.`,
      `${none}.${claims}.`,
      `${head}.${claims}.${guessed}`,
    ])
      await expect(assume('like', {}, { token })).rejects.toMatchObject({
        name: 'InvalidIdentityTokenException',
        message: expect.stringContaining('signature'),
      });
  });

  test('a session policy narrows the session', async () => {
    const { Credentials } = await assume(
      'like',
      {},
      { Policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'iam:ListRoles', Resource: '*' }] }) },
    );
    const narrow = new iam.IAMClient(
      clients.config({
        accessKeyId: Credentials!.AccessKeyId!,
        secretAccessKey: Credentials!.SecretAccessKey!,
        sessionToken: Credentials!.SessionToken!,
      }),
    );

    await expect(narrow.send(new iam.ListRolesCommand({}))).resolves.toHaveProperty('Roles');
    await expect(narrow.send(new iam.GetRoleCommand({ RoleName: 'like' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('a stack makes a provider, changes it, and takes it along', async () => {
    expect(await provider()).toMatchObject({ Url: host, ClientIDList: ['sts.amazonaws.com'] });
    await update({ ClientIdList: ['another'] });
    expect(await provider()).toMatchObject({ ClientIDList: ['another'] });
    await expect(assume('like', {})).rejects.toMatchObject({ message: 'Incorrect token audience' });

    await stacks.send(new cloudFormation.DeleteStackCommand({ StackName: 'identity' }));
    await settled(stacks, 'identity').catch(() => undefined);
    await expect(provider()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });

  test('another URL makes another provider in place of the first', async () => {
    await update({ Url: 'https://other.example.com' });

    await expect(provider()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    const { OpenIDConnectProviderList } = await identities.send(new iam.ListOpenIDConnectProvidersCommand({}));
    expect(OpenIDConnectProviderList).toEqual([{ Arn: `arn:aws:iam::${ci}:oidc-provider/other.example.com` }]);
  });
});
