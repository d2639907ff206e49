import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { addStage } from './pipeline-template.ts';
import { CI, type RehearsalBed, openRehearsalBed, outcomes } from './rehearsal-bed.ts';
import { PIPELINE, SECRET } from './template-parts.ts';

let bed: RehearsalBed;

beforeAll(async () => {
  bed = await openRehearsalBed();
});

afterEach(() => bed.local.reset());

afterAll(async () => {
  await bed?.close();
});

describe('nx rehearse', () => {
  test('walks the pipeline: what a build makes, the next one takes on, after the approval', async () => {
    await bed.deploy();
    writeFileSync(join(bed.workspace, 'run.sh'), '#!/bin/sh\necho "not committed"\n');

    const { code, output, report } = await bed.rehearse({ approve: true });
    bed.git('checkout', '--quiet', '--', 'run.sh');

    expect({ code, output }).toEndWith(0);
    expect(outcomes(report)).toEqual({
      'Source/Repository': 'passed',
      'Build/Make': 'passed',
      'Prod/Approve': 'passed',
      'Prod/Ship': 'passed',
    });
    expect(report).toMatchObject({
      success: true,
      pipeline: PIPELINE,
      account: CI,
      commit: bed.git('rev-parse', 'HEAD'),
    });
    // The variable of the pipeline wins, the build before exported its own, the parameter came with the role.
    expect(await bed.released()).toBe('good morning 2 hello');
    expect(output).toMatch(/1 file is not committed \(run\.sh\)/);
    expect(output).toMatch(/Build +Make +rehearsed-make +\d+\.\d +passed/);
    expect(output).toMatch(/Prod +Ship +rehearsed-ship +\d+\.\d +passed/);
    expect(output).not.toMatch(/SecretAccessKey|ASIA[A-Z0-9]{12}/);

    const { Contents: objects = [] } = await bed.clients.s3.send(
      new ListObjectsV2Command({ Bucket: 'rehearsed-artifacts' }),
    );
    expect(objects.map(({ Key }) => Key!.replace(/\/\w{7}$/, '')).toSorted()).toEqual([
      'a-pipeline-with-a-lo/Made',
      'a-pipeline-with-a-lo/Sources',
      'cache/rehearsed-make.zip',
    ]);
    const log = await bed.logged('/aws/codebuild/rehearsed-ship');
    expect(log).toContain('finally 1');
    expect(log).toContain('the password is ****');
    expect(log.join('\n') + output).not.toContain(SECRET);
    expect(bed.leftovers()).toEqual([]);
  });

  test.each([
    ['github', 'good morning none hello'],
    ['s3', 'good morning 2 hello'],
  ] as const)('a source of the kind %s brings what it would on AWS', async (source, expected) => {
    await bed.deploy({ source });

    const { code, output } = await bed.rehearse({ approve: true });

    expect({ code, output }).toEndWith(0);
    expect(await bed.released()).toBe(expected);
  });

  test('a source in a bucket is read with the role of the pipeline', async () => {
    await bed.deploy({ source: 's3', pipelineWithout: ['Source'] });

    const { code, output, report } = await bed.rehearse();

    expect({ code, output }).toEndWith(1);
    expect(report.actions[0]).toMatchObject({
      outcome: 'failed',
      role: 'rehearsed-pipeline',
      denied: { action: 's3:GetBucketVersioning', resource: 'arn:aws:s3:::rehearsed-sources' },
    });
  });

  test('a second walk simply works, and --until ends one early', async () => {
    await bed.deploy();
    const first = await bed.rehearse({ until: 'Build', verbose: true });

    const { code, report, output } = await bed.rehearse({ until: 'Build', verbose: true });

    expect({ code, output }).toEndWith(0);
    expect(outcomes(report)).toEqual({ 'Source/Repository': 'passed', 'Build/Make': 'passed' });
    expect(output).toMatch(/^\[Build\/Make\] uploading Made/m);
    expect(first.output).toMatch(/^\[Build\/Make\] nothing cached/m);
    expect(output).toMatch(/^\[Build\/Make\] cached before/m);
  });

  test('a cache that a role may not use fails nothing, as on AWS, but is told', async () => {
    await bed.deploy({ makeWithout: ['Cache'] });

    const { code, report, output } = await bed.rehearse({ until: 'Build' });

    expect({ code, output }).toEndWith(0);
    expect(report.notes).toEqual([
      expect.stringMatching(/^Build\/Make: the cache was not downloaded: The role rehearsed-make may not s3:GetObject/),
      expect.stringMatching(/^Build\/Make: the cache was not uploaded: The role rehearsed-make may not s3:PutObject/),
    ]);
    expect(output).toMatch(/^note: Build\/Make: the cache was not uploaded/m);
  });

  test.each([
    ['what a build asks for itself', 'Release', 'ssm:PutParameter', /parameter\/rehearsed\/released/],
    ['a variable of the build', 'Read', 'ssm:GetParameters', /parameter\/rehearsed\/message/],
    ['a secret of the build', 'Secret', 'secretsmanager:GetSecretValue', /:secret:rehearsed/],
    ['the input artifact', 'Artifacts', 's3:GetObject', /rehearsed-artifacts/],
    ['the key of the input artifact', 'Decrypt', 'kms:Decrypt', /:key\//],
    ['the log', 'Logs', 'logs:CreateLogStream', /log-group:\/aws\/codebuild\/rehearsed-ship/],
  ])(
    'a role without the permission for %s fails its step, and the sentence says what is missing',
    async (_, sid, action, resource) => {
      await bed.deploy({ without: [sid] });

      const { code, output, report } = await bed.rehearse({ approve: true });

      expect(code === 1 ? 'failed' : output).toBe('failed');
      expect(outcomes(report)).toMatchObject({ 'Build/Make': 'passed', 'Prod/Ship': 'failed' });
      const failed = report.actions.find(({ outcome }) => outcome === 'failed')!;
      expect(failed).toMatchObject({ role: 'rehearsed-ship', denied: { action, role: 'rehearsed-ship' } });
      expect(failed.denied!.resource).toMatch(resource);
      expect(output).toMatch(new RegExp(`Prod +Ship +rehearsed-ship +\\d+\\.\\d +failed: may not ${action}`));
      expect(output).toMatch(
        new RegExp(
          `error: The pipeline fails at the action Ship of the stage Prod, role rehearsed-ship: .*Allow ${action}`,
        ),
      );
      await expect(bed.released()).rejects.toMatchObject({ name: 'ParameterNotFound' });
    },
  );

  test.each([
    ['Connection', 'codeconnections:UseConnection'],
    ['Artifacts', 's3:PutObject'],
  ])('the role of the pipeline itself is tried as well: %s', async (sid, action) => {
    await bed.deploy({ pipelineWithout: [sid] });

    const { code, output, report } = await bed.rehearse({ approve: true });

    expect({ code, output }).toEndWith(1);
    expect(outcomes(report)).toEqual({
      'Source/Repository': 'failed',
      'Build/Make': 'not run',
      'Prod/Approve': 'not run',
      'Prod/Ship': 'not run',
    });
    expect(report.actions[0]).toMatchObject({ role: 'rehearsed-pipeline', denied: { action } });
  });

  test('a pipeline that may not assume the role of its action', async () => {
    await bed.deploy({ pipelineWithout: ['Actions'] });

    const { code, output, report } = await bed.rehearse();

    expect({ code, output }).toEndWith(1);
    expect(report.actions[1]).toMatchObject({
      action: 'Make',
      outcome: 'failed',
      denied: { action: 'sts:AssumeRole', role: 'rehearsed-pipeline' },
    });
  });

  test('a role that does not trust CodeBuild gets no session', async () => {
    await bed.deploy({ trusts: 'lambda.amazonaws.com' });

    const { code, output, report } = await bed.rehearse({ approve: true });

    expect({ code, output }).toEndWith(1);
    expect(outcomes(report)).toMatchObject({ 'Prod/Ship': 'failed' });
    expect(output).toMatch(/codebuild\.amazonaws\.com may not assume the role rehearsed-ship/);
    expect(output).toMatch(/Allow sts:AssumeRole on arn:aws:iam::123456789012:role\/rehearsed-ship/);
  });

  test('a pipeline that changes itself is walked on as it is then', async () => {
    await bed.deploy({ make: [addStage] });

    const { code, output, report } = await bed.rehearse({ approve: true });

    expect({ code, output }).toEndWith(0);
    expect(outcomes(report)).toMatchObject({ 'Prod/Ship': 'passed', 'Extra/ApproveToo': 'passed' });
    expect(report.changes).toEqual(['added Extra']);
    expect(output).toMatch(/The pipeline has changed itself: added Extra\. .* after Build/);
  });

  describe('a build whose variable brings others with it, between quotes that nobody escapes', () => {
    const make = [`export COMMITS='2","type":"PLAINTEXT"},{"name":"GREETING","value":"good night'`];

    test('changes what a later step runs with, as on AWS', async () => {
      await bed.deploy({ make });

      const { code, output } = await bed.rehearse({ approve: true });

      expect({ code, output }).toEndWith(0);
      expect(await bed.released()).toBe('good night 2 hello');
    });

    test('ends before the stage that wants it to be a number, where nobody is asked and nothing runs', async () => {
      await bed.deploy({ make, commits: '^[0-9]+$' });

      const { code, output, report } = await bed.rehearse();

      expect({ code, output }).toEndWith(1);
      expect(outcomes(report)).toMatchObject({ 'Build/Make': 'passed', 'Prod/Check': 'failed' });
      expect(outcomes(report)).toMatchObject({ 'Prod/Approve': 'not run', 'Prod/Ship': 'not run' });
      expect(output).toMatch(
        /fails at the action Check of the stage Prod: #\{Made\.COMMITS\} is .* MATCHES \^\[0-9\]\+\$/,
      );
    });

    test('but a number is one', async () => {
      await bed.deploy({ commits: '^[0-9]+$' });

      const { code, output } = await bed.rehearse({ approve: true });

      expect({ code, output }).toEndWith(0);
    });
  });

  test('an approval that nobody can be asked for fails, naming the flag', async () => {
    await bed.deploy();

    const { code, output, report } = await bed.rehearse();

    expect({ code, output }).toEndWith(1);
    expect(outcomes(report)).toMatchObject({ 'Prod/Approve': 'failed', 'Prod/Ship': 'not run' });
    expect(output).toMatch(/Prod\/Approve waits for an approval, and there is no terminal to ask on: add --approve/);
  });

  test('a command that fails shows what it wrote, and what comes after it does not run', async () => {
    await bed.deploy({ make: ['echo "half way"; exit 7', 'echo never'] });

    const { code, output, report } = await bed.rehearse();

    expect({ code, output }).toEndWith(1);
    expect(outcomes(report)).toMatchObject({ 'Build/Make': 'failed', 'Prod/Ship': 'not run' });
    expect(output).toMatch(/^ +half way$/m);
    expect(output).not.toMatch(/^ +never$/m);
    expect(output).toMatch(/the command .*exit 7.* of the phase build ended with exit code 7/);
  });

  test('what a command of nx-cdk was refused is read from its data, whatever words it prints', async () => {
    const failure = JSON.stringify({
      code: 'AccessDenied',
      message: 'No.',
      denied: { action: 'kms:Sign', resource: 'arn:aws:kms:eu-west-1:123456789012:key/1', role: 'signer' },
    });
    await bed.deploy({ make: [`echo '${failure}' >> "$NX_CDK_FAILURES_FILE"; echo "It was not allowed."; exit 1`] });

    const { report } = await bed.rehearse();

    const failed = report.actions.find(({ outcome }) => outcome === 'failed')!;
    expect(failed.denied).toEqual(JSON.parse(failure).denied);
    expect(failed.message).toMatch(/exit code 1, because signer may not kms:Sign on arn:aws:kms:\S+\.$/);
  });

  test('what the caller may keep: the work folder, with the logs', async () => {
    await bed.deploy();

    const { output } = await bed.rehearse({ until: 'Build', keep: true });
    const kept = /The work folder is (\S+)\.$/m.exec(output)![1]!;

    try {
      expect(readFileSync(join(kept, 'logs', 'Build-Make.log'), 'utf8')).toMatch(/Running command mkdir -p out\/bin/);
      expect(existsSync(join(kept, 'Build', 'Make', 'src', 'out', 'bin', 'run.sh'))).toBe(true);
    } finally {
      await rm(kept, { recursive: true });
    }
  });

  test('Ctrl-C ends what runs and starts nothing more', async () => {
    await bed.deploy({ make: ['echo started; sleep 7200 & echo $! > "$HOME/../../../../pid"; wait'] });
    const started = bed.start({ verbose: true, approve: true });
    await started.wrote('started');
    started.kill('SIGINT');
    const { code, output } = await started.ended;

    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(/Build +Make .* failed/);
    expect(output).toMatch(/Prod +Ship +not run/);
    expect(bed.leftovers()).toEqual([]);
  });

  test.each([
    [
      'an endpoint without sessions of services',
      { NX_CDK_SERVICE_SESSIONS: '' },
      /NX_CDK_SERVICE_SESSIONS is not set: .* AWS itself is never rehearsed on/,
    ],
    ['AWS itself', { AWS_ENDPOINT_URL: '' }, /AWS_ENDPOINT_URL is not set: .* AWS itself is never rehearsed on/],
  ])('refuses %s', async (_, environment, sentence) => {
    const { code, output } = await bed.start({}, environment).ended;

    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(sentence);
  });

  test.each([
    ['a stage that there is not', { until: 'Nowhere' }, /it has no stage "Nowhere": there are Source, Build, Prod/],
    ['a commit that there is not', { source: 'nowhere' }, /git knows no commit "nowhere"/],
    [
      'a pipeline that there is not',
      { pipeline: 'other' },
      new RegExp(`There is no pipeline other in .*: name one of them with --pipeline: ${PIPELINE}`),
    ],
  ])('names %s', async (_, options, sentence) => {
    await bed.deploy();

    const { code, output } = await bed.start(options).ended;

    expect({ code, output }).toEndWith(1);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  });
});
