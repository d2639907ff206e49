import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startInstance, type LocalAws } from './index.ts';
import { clientsOf, organizationRole, region } from './testing/clients.ts';

const ci = '123456789012';
const workload = '111111111111';
const stranger = '999999999999';
const codeBuild = 'codebuild.amazonaws.com';

describe('sessions as AWS services get them', () => {
  let folder: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    aws = await startInstance({ directory: folder, managementAccount: ci, region });
    clients = clientsOf(aws);
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  const allow = (action: string, resource: string) => ({ Effect: 'Allow', Action: action, Resource: resource });
  const trust = (principal: object, condition?: object) => ({
    Effect: 'Allow',
    Principal: principal,
    Action: 'sts:AssumeRole',
    ...(condition ? { Condition: condition } : {}),
  });

  /** Makes a role of the account and returns its ARN. */
  async function role(account: string, name: string, trusts: object[], statements: object[], path = '/') {
    const iam = new IAMClient(clients.config(aws.credentialsFor(account)));
    const document = (statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statement });
    const made = await iam.send(
      new CreateRoleCommand({ RoleName: name, Path: path, AssumeRolePolicyDocument: document(trusts) }),
    );
    if (statements.length)
      await iam.send(
        new PutRolePolicyCommand({ RoleName: name, PolicyName: 'p', PolicyDocument: document(statements) }),
      );
    return made.Role!.Arn!;
  }

  test('a service gets a session of a role that trusts it, and the session may do what the policies of the role say', async () => {
    const readable = `arn:aws:ssm:${region}:${ci}:parameter/readable`;
    const roleArn = await role(ci, 'step', [trust({ Service: codeBuild })], [allow('ssm:*', readable)]);

    const { status, credentials } = await clients.serviceSession({ roleArn, service: codeBuild });
    const ssm = new SSMClient(clients.config(credentials));

    expect(status).toBe(200);
    expect(await clients.whoAmI(credentials)).toMatchObject({
      Account: ci,
      Arn: expect.stringMatching(`^arn:aws:sts::${ci}:assumed-role/step/codebuild-`),
    });
    await ssm.send(new PutParameterCommand({ Name: 'readable', Value: 'x', Type: 'String' }));
    await expect(ssm.send(new GetParameterCommand({ Name: 'readable' }))).resolves.toMatchObject({
      Parameter: { Value: 'x' },
    });
    await expect(ssm.send(new GetParameterCommand({ Name: 'hidden' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('ssm:GetParameter'),
    });
  });

  test('nobody gets a session of a role that is missing, trusts another service, trusts accounts only, or denies the service', async () => {
    const trusted = await role(ci, 'trusted', [trust({ Service: codeBuild })], [], '/steps/');
    const other = await role(ci, 'other', [trust({ Service: 'lambda.amazonaws.com' })], []);
    const accounts = await role(ci, 'accounts', [trust({ AWS: `arn:aws:iam::${ci}:root` })], []);
    const denied = await role(
      ci,
      'denied',
      [trust({ Service: codeBuild }), { ...trust({ Service: codeBuild }), Effect: 'Deny' }],
      [],
    );

    expect(await clients.serviceSession({ roleArn: trusted, service: codeBuild })).toMatchObject({ status: 200 });
    for (const roleArn of [other, accounts, denied, trusted.replace('/steps/', '/'), `arn:aws:iam::${ci}:role/none`])
      expect(await clients.serviceSession({ roleArn, service: codeBuild })).toMatchObject({
        status: 403,
        message: expect.stringContaining(`codebuild.amazonaws.com may not assume ${roleArn}`),
      });
  });

  test('what the trust policy asks of the service is asked: its source, and that it is a service', async () => {
    const project = `arn:aws:codebuild:${region}:${ci}:project/synth`;
    const roleArn = await role(
      ci,
      'conditional',
      [
        trust(
          { Service: codeBuild },
          {
            StringEquals: { 'aws:SourceAccount': ci },
            ArnLike: { 'aws:SourceArn': `${project}*` },
            Bool: { 'aws:PrincipalIsAWSService': 'true' },
          },
        ),
      ],
      [],
    );
    const session = (source: object) => clients.serviceSession({ roleArn, service: codeBuild, ...source });

    expect(await session({ sourceArn: project, sourceAccount: ci })).toMatchObject({ status: 200 });
    expect(await session({})).toMatchObject({ status: 403 });
    expect(await session({ sourceArn: project, sourceAccount: stranger })).toMatchObject({ status: 403 });
    expect(await session({ sourceArn: project.replace('synth', 'x'), sourceAccount: ci })).toMatchObject({
      status: 403,
    });
  });

  test('what is no role or no service is told', async () => {
    const roleArn = `arn:aws:iam::${ci}:role/any`;

    expect(await clients.serviceSession({ service: codeBuild })).toMatchObject({
      status: 400,
      message: expect.stringContaining('roleArn is null'),
    });
    expect(await clients.serviceSession({ roleArn, service: 'somebody' })).toMatchObject({
      status: 400,
      message: expect.stringContaining('service is "somebody"'),
    });
  });

  test('a session assumes further roles, which know it by its role: aws:PrincipalArn is the ARN of the role, path included', async () => {
    const target = `arn:aws:iam::${workload}:role/target`;
    const trusts = [trust({ Service: codeBuild })];
    const may = [allow('sts:AssumeRole', target)];
    const first = await role(ci, 'first', trusts, may, '/steps/');
    const unnamed = await role(ci, 'unnamed', trusts, may);
    const powerless = await role(ci, 'powerless', trusts, []);
    await role(
      workload,
      'target',
      [trust({ AWS: `arn:aws:iam::${ci}:root` }, { ArnEquals: { 'aws:PrincipalArn': [first, powerless] } })],
      [],
    );
    const session = async (roleArn: string) =>
      (await clients.serviceSession({ roleArn, service: codeBuild })).credentials;

    const onwards = await clients.assume(target, await session(first));

    expect(await clients.whoAmI(onwards)).toMatchObject({ Account: workload });
    // One that the trust policy does not name, and one that it names but whose own policies do not allow it.
    for (const roleArn of [unnamed, powerless])
      await expect(clients.assume(target, await session(roleArn))).rejects.toMatchObject({
        name: 'AccessDenied',
        message: expect.stringContaining('sts:AssumeRole'),
      });
    await expect(clients.assume(organizationRole(workload), await session(first))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('within an account, a role that trusts another by name needs no further permission; one that trusts the account does', async () => {
    const trusts = [trust({ Service: codeBuild })];
    const named = await role(ci, 'named', trusts, []);
    const nobody = await role(ci, 'nobody', trusts, []);
    const byName = await role(ci, 'by-name', [trust({ AWS: named })], []);
    const byAccount = await role(ci, 'by-account', [trust({ AWS: `arn:aws:iam::${ci}:root` })], []);
    const denying = await role(
      ci,
      'denying',
      [trust({ AWS: named }), { ...trust({ AWS: named }), Effect: 'Deny' }],
      [],
    );
    const session = async (roleArn: string) =>
      (await clients.serviceSession({ roleArn, service: codeBuild })).credentials;

    await expect(clients.assume(byName, await session(named))).resolves.toHaveProperty('sessionToken');
    for (const [target, caller] of [
      [byName, nobody],
      [byAccount, named],
      [denying, named],
    ] as const)
      await expect(clients.assume(target, await session(caller))).rejects.toMatchObject({
        name: 'AccessDenied',
        message: expect.stringContaining(`sts:AssumeRole on resource: ${target}`),
      });
  });

  test('a bucket of another account admits the role that its policy names, and no other; both accounts must allow it', async () => {
    const trusts = [trust({ Service: codeBuild })];
    const reading = [allow('s3:GetObject', 'arn:aws:s3:::shared/*')];
    const reader = await role(workload, 'reader', trusts, reading);
    const other = await role(workload, 'other-reader', trusts, reading);
    const powerless = await role(workload, 'powerless-reader', trusts, []);
    const storage = clients.s3(aws.credentialsFor(ci));
    await storage.send(
      new s3.CreateBucketCommand({ Bucket: 'shared', CreateBucketConfiguration: { LocationConstraint: region } }),
    );
    await storage.send(new s3.PutObjectCommand({ Bucket: 'shared', Key: 'one', Body: 'x' }));
    const admit = (statements: object[]) =>
      storage.send(
        new s3.PutBucketPolicyCommand({ Bucket: 'shared', Policy: JSON.stringify({ Statement: statements }) }),
      );
    const read = async (roleArn: string) =>
      clients
        .s3((await clients.serviceSession({ roleArn, service: codeBuild })).credentials)
        .send(new s3.GetObjectCommand({ Bucket: 'shared', Key: 'one' }));
    const granted = (principal: object) => ({
      ...allow('s3:GetObject', 'arn:aws:s3:::shared/*'),
      Principal: principal,
    });
    const refused = { name: 'AccessDenied' };

    await admit([granted({ AWS: [reader, powerless] })]);
    await expect(read(reader)).resolves.toHaveProperty('ETag');
    await expect(read(other)).rejects.toMatchObject(refused);
    await expect(read(powerless)).rejects.toMatchObject(refused);

    const everybody = granted({ AWS: `arn:aws:iam::${workload}:root` });
    await admit([everybody, { ...everybody, Effect: 'Deny', Principal: { AWS: reader } }]);
    await expect(read(reader)).rejects.toMatchObject(refused);
    await expect(read(other)).resolves.toHaveProperty('ETag');
  });

  test('a reset ends every session', async () => {
    const roleArn = await role(ci, 'short', [trust({ Service: codeBuild })], []);
    const { credentials } = await clients.serviceSession({ roleArn, service: codeBuild });

    await aws.reset();

    await expect(clients.whoAmI(credentials)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    expect(await clients.serviceSession({ roleArn, service: codeBuild })).toMatchObject({ status: 403 });
  });
});
