import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetAliasCommand,
  InvokeCommand,
  type LambdaClient,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  SFNClient,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import type { Environments } from '@nx-cdk/environments';
import { type App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { Alias, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { AwsProxy } from 'aws-proxy';
import { type AwsClients, createAws } from 'nx-cdk/src/aws/index.ts';
import { type Credentials, openTestBed, rootClients, rootOf, STAGING, type TestBed } from 'test-bed';
import { developerOf, developmentEnvironments, type DevSessionUnderTest, HOTSWAP, startSession } from './dev-bed.ts';

let bed: TestBed;
let environments: Environments;
let developer: Credentials;
let proxy: AwsProxy;
let lambda: LambdaClient;
let states: SFNClient;

beforeAll(async () => {
  bed = await openTestBed({ bootstrapped: true });
  environments = await developmentEnvironments(bed);
  developer = await developerOf(bed, environments);
  proxy = await bed.proxy();
  lambda = rootClients(bed.local, STAGING).lambda();
  states = new SFNClient(rootOf(bed.local, STAGING));
});

afterAll(async () => {
  for (const client of [lambda, states]) client?.destroy();
  await bed?.close();
});

/** What is edited. */
interface Source {
  answer: string;
  comment: string;
  /** What the state machine in the file hands on. */
  output: string;
  timeout: number;
}

/** A stack with a function that has an alias, and two state machines: one calls it, the other is a file. */
function ordersApp(source: Source): (app: App) => void {
  return (app) => {
    const [folder, file] = [join(bed.folder, 'code'), join(bed.folder, 'flow.asl.json')];
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.js'), `exports.handler = async () => '${source.answer}';`);
    const Say = { Type: 'Pass', Comment: source.comment, Output: source.output, End: true };
    writeFileSync(file, JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Say', States: { Say } }));
    const stack = new Stack(app, 'Orders', { env: STAGING, stackName: 'orders' });
    const api = new LambdaFunction(stack, 'Api', {
      functionName: 'orders-api',
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromAsset(folder),
    });
    const alias = new Alias(stack, 'Live', { aliasName: 'live', version: api.currentVersion });
    const first = new Pass(stack, 'First', { comment: source.comment });
    const call = new LambdaInvoke(stack, 'Call', { lambdaFunction: alias });
    const made = new StateMachine(stack, 'Made', {
      stateMachineName: 'made',
      definitionBody: DefinitionBody.fromChainable(first.next(call)),
    });
    new StateMachine(stack, 'Written', {
      stateMachineName: 'written',
      definitionBody: DefinitionBody.fromFile(file),
    });
    new CfnOutput(stack, 'Flow', { value: made.stateMachineArn });
    new CfnOutput(stack, 'Timeout', { value: `${source.timeout}` });
  };
}

const machine = (name: string) => `arn:aws:states:${STAGING.region}:${STAGING.account}:stateMachine:${name}`;
const definitionOf = async (name: string) =>
  (await states.send(new DescribeStateMachineCommand({ stateMachineArn: machine(name) }))).definition!;

async function answerOf(qualifier: string): Promise<unknown> {
  const command = new InvokeCommand({ FunctionName: 'orders-api', Qualifier: qualifier });
  const { Payload } = await lambda.send(command);
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}
const aliasAt = async () =>
  (await lambda.send(new GetAliasCommand({ FunctionName: 'orders-api', Name: 'live' }))).FunctionVersion;
const versions = async () => {
  const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'orders-api' }));
  return Versions.map(({ Version }) => Version);
};

describe('a session brings past CloudFormation', () => {
  const source: Source = { answer: 'one', comment: 'first', output: '{% 1 %}', timeout: 1 };
  let session: DevSessionUnderTest;

  const start = async () => {
    session = await startSession({ bed, environments, developer, proxy, build: ordersApp(source) });
  };
  /** What the edit of some of the source did, and which requests but those for credentials it took. */
  const edit = async (changes: Partial<Source>) => {
    Object.assign(source, changes);
    proxy.reset();
    const said = await session.edit();
    const requests = proxy.requests.filter(({ service }) => service !== 'sts').map(({ action }) => action);
    return { said, requests };
  };

  test('nothing at first: it begins with a deployment', async () => {
    await start();
    expect(await answerOf('live')).toBe('one');
    expect(await aliasAt()).toBe('1');
  });

  test('the definitions of state machines, made by the app or written in a file', async () => {
    const { said, requests } = await edit({ comment: 'second' });

    expect(said).toMatch(/2 state machines swapped/);
    expect(requests).toEqual(['UpdateStateMachine', 'UpdateStateMachine']);
    expect(JSON.parse(await definitionOf('written')).States.Say.Comment).toBe('second');
    const made = JSON.parse(await definitionOf('made'));
    expect(made.States.First.Comment).toBe('second');
    const alias = `arn:aws:lambda:${STAGING.region}:${STAGING.account}:function:orders-api:live`;
    expect(made.States.Call.Parameters.FunctionName).toBe(alias);
  });

  test('and says what is wrong with a definition', async () => {
    const { said } = await edit({ output: '{% $sum( %}' });
    expect(said).toMatch(/the definition of state machine written was not replaced: .*: correct it and save again/);
    expect((await edit({ output: '{% 1 %}' })).said).toMatch(/nothing changed/);
  });

  test('the code of a function with a version: its alias points at the code, and no version is published', async () => {
    const { said, requests } = await edit({ answer: 'two' });

    expect(said).toMatch(/1 function swapped/);
    expect(requests).not.toContain('CreateChangeSet');
    expect(requests).not.toContain('PublishVersion');
    expect([await aliasAt(), await answerOf('live'), await answerOf('1')]).toEqual(['$LATEST', 'two', 'one']);
    expect(await versions()).toEqual(['$LATEST', '1']);
  });

  test('and an edit that takes it back lets the alias point at its version again', async () => {
    await edit({ answer: 'one' });
    expect([await aliasAt(), await answerOf('live')]).toEqual(['1', 'one']);
  });

  test('but what else changes is deployed, and CloudFormation publishes the code that was swapped', async () => {
    await edit({ answer: 'three', comment: 'third' });
    const { said, requests } = await edit({ timeout: 2 });

    expect(said).toMatch(/Orders deployed/);
    expect(requests).toContain('ExecuteChangeSet');
    expect([await aliasAt(), await answerOf('live')]).toEqual(['2', 'three']);
    expect(await versions()).toEqual(['$LATEST', '2']);
  });

  test('and what CloudFormation does not know is named at the end, and put right at the next start', async () => {
    await edit({ answer: 'four', comment: 'fourth' });
    const { unknownToCloudFormation } = await session.end();
    expect(unknownToCloudFormation).toEqual(['Orders: orders-api', 'Orders: made', 'Orders: written']);

    Object.assign(source, { answer: 'three', comment: 'third' });
    await start();
    expect(session.started).toMatch(/^staging: 1 function swapped, 2 state machines swapped/m);
    expect([await aliasAt(), await answerOf('live')]).toEqual(['2', 'three']);
    expect(JSON.parse(await definitionOf('written')).States.Say.Comment).toBe('third');
    expect((await session.end()).unknownToCloudFormation).toEqual([]);
  });
});

describe('the hotswap role', () => {
  const admission = { refusal: () => undefined, hasTarget: () => true };
  let aws: AwsClients;
  beforeAll(() => {
    aws = createAws({ listener: () => undefined, environment: { ...developer }, admission });
  });
  afterAll(() => aws.destroy());

  const hotswap = { ...STAGING, role: { kind: 'hotswap', region: STAGING.region, arn: HOTSWAP } } as const;
  const { account } = STAGING;
  const deployRole = `arn:aws:iam::${account}:role/cdk-hnb659fds-deploy-role-${account}-${STAGING.region}`;
  const deploy = { ...STAGING, role: { kind: 'deploy', region: STAGING.region, arn: deployRole } } as const;
  const denied = expect.objectContaining({ name: expect.stringMatching(/^AccessDenied/) });
  const alias = { FunctionName: 'orders-api', Name: 'live', FunctionVersion: '2' };
  const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Succeed' } } });
  const written = () => ({ stateMachineArn: machine('written'), definition });

  test('may let an alias point at another version, and may not publish one', async () => {
    const client = await aws.lambda(hotswap);
    await expect(client.send(new UpdateAliasCommand(alias))).resolves.toMatchObject({ FunctionVersion: '2' });
    await expect(client.send(new PublishVersionCommand({ FunctionName: 'orders-api' }))).rejects.toEqual(denied);
  });

  test('may replace the definition of a state machine, and may not make one', async () => {
    const client = await aws.stepFunctions(hotswap);
    await client.send(new UpdateStateMachineCommand(written()));
    expect(await definitionOf('written')).toBe(definition);
    const made = new CreateStateMachineCommand({ name: 'more', definition, roleArn: HOTSWAP });
    await expect(client.send(made)).rejects.toEqual(denied);
  });

  test('may do so in its region only', async () => {
    const elsewhere = { ...hotswap, region: 'us-east-1' };
    const [functions, machines] = await Promise.all([aws.lambda(elsewhere), aws.stepFunctions(elsewhere)]);
    await expect(functions.send(new UpdateAliasCommand(alias))).rejects.toEqual(denied);
    const stateMachineArn = machine('written').replace(STAGING.region, 'us-east-1');
    await expect(machines.send(new UpdateStateMachineCommand({ ...written(), stateMachineArn }))).rejects.toEqual(
      denied,
    );
  });

  test('has permissions that the deploy role has not', async () => {
    const [functions, machines] = await Promise.all([aws.lambda(deploy), aws.stepFunctions(deploy)]);
    await expect(functions.send(new UpdateAliasCommand(alias))).rejects.toEqual(denied);
    await expect(machines.send(new UpdateStateMachineCommand(written()))).rejects.toEqual(denied);
  });
});
