import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AlarmTopic, type HandlerAsset, HandlerFunction, leftOut, UnbuiltHandlerError } from './index.ts';
import { testStack } from './testing/test-stack.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'handler-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A handler library, compiled unless told otherwise. */
function givenAsset(build: 'built' | 'empty' | 'missing' = 'built'): HandlerAsset<'TABLE_NAME'> {
  writeFileSync(join(folder, 'nx.json'), '{}');
  const code = join(folder, 'libs/handlers/greeter/dist');
  if (build !== 'missing') mkdirSync(code, { recursive: true });
  if (build === 'built') writeFileSync(join(code, 'index.js'), 'exports.handler = () => "hello";');
  return {
    project: 'greeter',
    code,
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    environment: ['TABLE_NAME'],
  };
}

/** A handler library with a program, compiled for a machine (`e_machine` of its header) unless there is none. */
function givenProgram(machine?: number): HandlerAsset {
  const { code } = givenAsset('empty');
  if (machine !== undefined) {
    const header = Buffer.alloc(64);
    header.write('\x7fELF', 'latin1');
    header.writeUInt16LE(machine, 18);
    writeFileSync(join(code, 'bootstrap'), header);
  }
  return { project: 'greeter', code, runtime: 'provided.al2023', handler: 'bootstrap', environment: [] };
}

/** The same, to be built as an image. */
function givenImage(machine: number): HandlerAsset {
  const asset = givenProgram(machine);
  writeFileSync(join(asset.code, 'Dockerfile'), 'FROM scratch\nCOPY bootstrap /bootstrap\n');
  return { ...asset, runtime: 'image' };
}

/** The images in the asset manifest of a stack, by hash. */
function imagesOf(app: App, stack: Stack) {
  const assembly = app.synth();
  const manifest = JSON.parse(readFileSync(join(assembly.directory, `${stack.artifactId}.assets.json`), 'utf8'));
  return manifest.dockerImages as Record<string, { source: { directory: string; platform: string } }>;
}

const environment = { TABLE_NAME: 'greetings' };

describe('a function with a compiled handler', () => {
  test('runs it, with its environment, traced', () => {
    const stack = testStack();

    new HandlerFunction(stack, 'Greeter', { asset: givenAsset(), environment });

    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Environment: { Variables: environment },
      MemorySize: 256,
      Timeout: 10,
      TracingConfig: { Mode: 'Active' },
    });
  });

  test.each(['nodejs22.x', 'nodejs24.x', 'python3.13', 'python3.14'] as const)(
    'runs %s on arm64 unless told otherwise',
    (runtime) => {
      const stack = testStack();
      const asset = { ...givenAsset(), runtime };

      new HandlerFunction(stack, 'Default', { asset, environment });
      new HandlerFunction(stack, 'Other', { asset, environment, architecture: Architecture.X86_64 });

      for (const architecture of ['arm64', 'x86_64']) {
        Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
          Runtime: runtime,
          Architectures: [architecture],
        });
      }
    },
  );

  test('runs Python where the compiled part of its packages runs, and nowhere else', () => {
    const program = givenProgram(0x3e);
    mkdirSync(join(program.code, 'markupsafe'));
    renameSync(join(program.code, 'bootstrap'), join(program.code, 'markupsafe/_speedups.cpython-313.so'));
    const asset: HandlerAsset = { ...program, runtime: 'python3.13', handler: 'handler.handler' };
    const stack = testStack();

    new HandlerFunction(stack, 'Greeter', { asset, environment: {} });

    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { Architectures: ['x86_64'] });
    const onArm = { asset, environment: {}, architecture: Architecture.ARM_64 };
    expect(() => new HandlerFunction(stack, 'OnArm', onArm)).toThrow('is compiled for something else than arm64');
  });

  test('takes memory, timeout, retention and removal policy as told', () => {
    const stack = testStack();

    new HandlerFunction(stack, 'Greeter', {
      asset: givenAsset(),
      environment,
      memorySize: 1024,
      timeout: Duration.minutes(1),
      logRetention: RetentionDays.ONE_DAY,
      removalPolicy: RemovalPolicy.RETAIN,
    });

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 1024, Timeout: 60 });
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain', Properties: { RetentionInDays: 1 } });
  });

  test('may write to its own log group and to no other', () => {
    const stack = testStack();
    const greeter = new HandlerFunction(stack, 'Greeter', { asset: givenAsset(), environment });
    const template = Template.fromStack(stack);

    const logGroup = stack.getLogicalId(greeter.node.findChild('Logs').node.defaultChild as never);
    template.resourcePropertiesCountIs('AWS::IAM::Role', { ManagedPolicyArns: Match.anyValue() }, 0);
    template.resourcePropertiesCountIs('AWS::IAM::Role', { Policies: Match.anyValue() }, 0);
    const policies = Object.values(template.findResources('AWS::IAM::Policy'));
    type Statement = { Action: string | string[]; Resource: unknown };
    const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[]);
    const onLogs = statements.filter(({ Action }) => [Action].flat().some((action) => !action.startsWith('xray:')));
    expect(onLogs).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [logGroup, 'Arn'] },
      },
    ]);
  });

  test('tells its alarm action of errors and throttles', () => {
    const stack = testStack();
    const { action, topic } = new AlarmTopic(stack, 'Alarms');

    new HandlerFunction(stack, 'Greeter', { asset: givenAsset(), environment, alarmAction: action });

    for (const metric of ['Errors', 'Throttles']) {
      Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName: metric,
        Threshold: 1,
        TreatMissingData: 'notBreaching',
        AlarmActions: [stack.resolve(topic.topicArn)],
      });
    }
  });
});

describe('a handler that nobody has compiled', () => {
  test.each(['missing', 'empty'] as const)('given a %s folder, the error says what to run', (build) => {
    const create = () => new HandlerFunction(testStack(), 'Greeter', { asset: givenAsset(build), environment });

    expect(create).toThrow(UnbuiltHandlerError);
    expect(create).toThrow(/^libs\/handlers\/greeter is not built: run "nx build greeter"\.$/);
  });
});

describe('a function with a program that is compiled for the operating system', () => {
  test.each([
    ['arm64', 0xb7],
    ['x86_64', 0x3e],
  ] as const)('runs it on %s, without a language', (architecture, machine) => {
    const stack = testStack();

    new HandlerFunction(stack, 'Greeter', { asset: givenProgram(machine), environment: {} });

    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'provided.al2023',
      Architectures: [architecture],
      Handler: 'bootstrap',
    });
  });

  test.each([
    ['for another architecture than the function wants', 0xb7, Architecture.X86_64, 'x86_64'],
    ['for a machine that Lambda does not have', 0, undefined, 'what Lambda has'],
  ])('given one %s, the error says what to run', (_case, machine, architecture, than) => {
    const create = () =>
      new HandlerFunction(testStack(), 'Greeter', {
        asset: givenProgram(machine),
        environment: {},
        ...(architecture && { architecture }),
      });

    expect(create).toThrow(UnbuiltHandlerError);
    expect(create).toThrow(
      `libs/handlers/greeter is compiled for something else than ${than}: run "nx build greeter".`,
    );
  });

  test.each([
    ['of another operating system', '\xcf\xfa\xed\xfe\0\0'],
    ['that is empty', ''],
  ])('given a file %s, the error says so', (_case, content) => {
    const asset = givenProgram();
    writeFileSync(join(asset.code, 'bootstrap'), content, 'latin1');
    const create = () => new HandlerFunction(testStack(), 'Greeter', { asset, environment: {} });

    expect(create).toThrow(/is compiled for something else than what Lambda has/);
  });

  test('runs a script on what the function wants', () => {
    const asset = givenProgram();
    writeFileSync(join(asset.code, 'bootstrap'), '#!/bin/sh\n');
    const stack = testStack();

    new HandlerFunction(stack, 'Greeter', { asset, environment: {}, architecture: Architecture.X86_64 });

    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { Architectures: ['x86_64'] });
  });

  test('given a folder without a program, the error says what to run', () => {
    const asset = givenProgram();
    writeFileSync(join(asset.code, 'index.js'), '');
    const create = () => new HandlerFunction(testStack(), 'Greeter', { asset, environment: {} });

    expect(create).toThrow('libs/handlers/greeter has no bootstrap in dist: run "nx build greeter".');
  });
});

describe('a function with a container image', () => {
  test.each([
    ['arm64', 0xb7, 'linux/arm64'],
    ['x86_64', 0x3e, 'linux/amd64'],
  ] as const)(
    'on %s is built of the folder with program and Dockerfile, for that platform',
    (architecture, machine, platform) => {
      const asset = givenImage(machine);
      const app = new App({ outdir: join(folder, 'cdk.out') });
      const stack = new Stack(app, 'Stack');

      new HandlerFunction(stack, 'Greeter', { asset, environment: {} });

      Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
        PackageType: 'Image',
        Architectures: [architecture],
        Code: { ImageUri: { 'Fn::Sub': Match.stringLikeRegexp('container-assets') } },
        Runtime: Match.absent(),
        Handler: Match.absent(),
      });
      const [image] = Object.values(imagesOf(app, stack));
      expect(image!.source.platform).toBe(platform);
      expect(readdirSync(join(folder, 'cdk.out', image!.source.directory)).sort()).toEqual(['Dockerfile', 'bootstrap']);
    },
  );

  test('is the same asset wherever its folder is, and another one for the other architecture', () => {
    const hashOf = (machine: number) => {
      const app = new App({ outdir: mkdtempSync(join(folder, 'cdk.out-')) });
      const stack = new Stack(app, 'Stack');
      const asset = givenImage(machine);
      const elsewhere = mkdtempSync(join(folder, 'elsewhere-'));
      cpSync(asset.code, elsewhere, { recursive: true });
      utimesSync(join(elsewhere, 'bootstrap'), 1, 1);
      for (const [id, code] of Object.entries({ Here: asset.code, There: elsewhere }))
        new HandlerFunction(stack, id, { asset: { ...asset, code }, environment: {} });
      return Object.keys(imagesOf(app, stack));
    };
    const [x86, arm] = [hashOf(0x3e), hashOf(0xb7)];
    expect([x86.length, arm.length]).toEqual([1, 1]);
    expect(x86).not.toEqual(arm);
  });

  test.each([
    ['Dockerfile', 'libs/handlers/greeter has no Dockerfile in dist: run "nx build greeter".'],
    ['bootstrap', 'libs/handlers/greeter has no bootstrap in dist: run "nx build greeter".'],
  ])('given a folder without %s, the error says what to run', (file, sentence) => {
    const asset = givenImage(0x3e);
    rmSync(join(asset.code, file));
    expect(() => new HandlerFunction(testStack(), 'Greeter', { asset, environment: {} })).toThrow(sentence);
  });
});

describe('a handler that its build has left out', () => {
  const sentence = 'greeter is left out, as this machine has no Rust: install Rust to have it.';

  test('says why, and is no function', () => {
    const asset = givenProgram();
    writeFileSync(join(asset.code, 'left-out.txt'), `${sentence}\n`);

    expect(leftOut(asset)).toBe(sentence);
    expect(() => new HandlerFunction(testStack(), 'Greeter', { asset, environment: {} })).toThrow(sentence);
  });

  test('is none that is there, or that nobody has built', () => {
    expect(leftOut(givenProgram(0x3e))).toBeUndefined();
    expect(leftOut(givenAsset('missing'))).toBeUndefined();
  });
});
