import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Toolkit } from '@aws-cdk/toolkit-lib';
import { Annotations, App, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib/core';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readAssembly } from '../assembly/index.ts';
import type { ProgressEvent } from '../progress/index.ts';
import { findingsAsText } from './text.ts';
import { validate, type ValidateRequest } from './validate.ts';

const folder = mkdtempSync(join(tmpdir(), 'validate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the environment of a machine with the real program is. */
const SYSTEM = process.platform === 'darwin' ? 'macos' : 'ubuntu';
const PROCESSOR = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const PACKAGE = resolve(import.meta.dirname, '../../../../node_modules/@cdklabs/cdk-validator-cfnguard');
const WITH_GUARD = { PATH: join(PACKAGE, 'bin', SYSTEM, PROCESSOR) };
const WITHOUT = { PATH: folder };

const RULES = join(folder, 'rules');
mkdirSync(RULES);
writeFileSync(
  join(RULES, 'queues.guard'),
  `let queues = Resources.*[ Type == 'AWS::SQS::Queue' ]
rule QUEUE_HAS_TIMEOUT when %queues !empty {
  %queues.Properties.VisibilityTimeout >= 60
  <<
    Violation: messages come back too early.
    Fix: give it a visibility timeout of a minute.
  >>
}
rule QUEUE_IS_ENCRYPTED when %queues !empty {
  %queues.Properties.KmsMasterKeyId exists
}
`,
);

/** An app with two stacks, of which the second one has a queue with a secret in it. */
function app(name: string, build: (app: App, data: Stack) => void = () => undefined): string {
  const outdir = join(folder, name);
  // The toolkit judges the report itself, and tells the app so.
  const context = { '@aws-cdk/core:failSynthOnValidationErrors': false };
  const made = new App({ outdir, analyticsReporting: false, context });
  const data = new Stack(new Stage(made, 'staging'), 'Data');
  const service = new Stack(made, 'Service');
  new CfnQueue(service, 'Jobs', { visibilityTimeout: 30, kmsMasterKeyId: 'hunter2' });
  build(made, data);
  made.synth();
  return outdir;
}

const nagged = (name: string) =>
  app(name, (made, data) => {
    const uploads = new CfnBucket(data, 'Uploads');
    const orders = new CfnQueue(data, 'Orders');
    Validations.of(made).addPlugins(new AwsSolutionsChecks(made));
    Validations.of(orders).acknowledge({ id: 'AwsSolutions::AwsSolutions-SQS3', reason: 'nothing is lost' });
    Annotations.of(uploads).addWarningV2('shop:versions', 'it keeps no versions');
    Annotations.of(orders).addInfo('it is new');
  });

let events: ProgressEvent[];
beforeEach(() => (events = []));

async function look(directory: string, more: Partial<ValidateRequest> = {}) {
  const assembly = readAssembly(directory);
  const stacks = assembly.stacks.map(({ id }) => id);
  const request = { assembly, stacks, ci: false, env: WITHOUT, ...more };
  return validate(request, { listener: (event) => events.push(event) });
}

const summary = () => events.flatMap((event) => (event.type === 'run-finished' ? event.summary : []));

describe('what CDK and the app have found', () => {
  test('is one list, with place, line and the way to mend it, and what the app has accepted', async () => {
    // given
    const report = await look(nagged('nagged'));

    // then
    expect(report.success).toBe(false);
    expect(report.findings).toContainEqual({
      severity: 'error',
      by: 'AwsSolutions',
      rule: 'AwsSolutions-S1',
      stack: 'staging/Data',
      constructPath: 'staging/Data/Uploads',
      source: expect.stringMatching(/validate\.spec\.ts:\d+$/),
      what: 'The S3 Bucket has server access logs disabled.',
      mend: "mend it, or accept it: Validations.of(construct).acknowledge({ id: 'AwsSolutions::AwsSolutions-S1', reason })",
    });
    expect(report.findings).toContainEqual({
      severity: 'warning',
      by: 'Construct Annotations',
      rule: 'shop:versions',
      stack: 'staging/Data',
      constructPath: 'staging/Data/Uploads',
      source: expect.stringMatching(/validate\.spec\.ts:\d+$/),
      what: 'it keeps no versions',
      mend: "mend it, or accept it: Annotations.of(construct).acknowledgeWarning('shop:versions', reason)",
    });
    expect(report.accepted).toMatchObject([
      { rule: 'AwsSolutions-SQS3', constructPath: 'staging/Data/Orders', reason: 'nothing is lost' },
    ]);
    const severities = report.findings.map(({ severity }) => severity);
    expect(severities.filter((one, index) => one !== severities[index - 1])).toEqual(['error', 'warning', 'info']);
    expect(summary()).toEqual([expect.stringMatching(/^2 stacks: \d+ errors, 1 warning, 1 info, 1 accepted$/)]);
    expect(findingsAsText(report.findings, 200)).toMatch(
      /^warning +shop:versions +staging\/Data\/Uploads .*versions$/m,
    );
  });

  test('is what the CDK toolkit finds', async () => {
    const outdir = nagged('same');
    const notify = async () => undefined;
    const toolkit = new Toolkit({
      ioHost: { notify, requestResponse: async ({ defaultResponse }) => defaultResponse },
      assemblyFailureAt: 'none',
    });
    const theirs = await toolkit.validate(await toolkit.fromAssemblyDirectory(outdir), { online: false });
    const expected = theirs.pluginReports.flatMap(({ pluginName, violations }) =>
      violations.flatMap(({ ruleName, severity, description, violatingConstructs }) =>
        violatingConstructs.map((one) => [pluginName, ruleName, severity, description, one.constructPath].join(' ')),
      ),
    );

    const { findings } = await look(outdir);

    expect(expected.length).toBeGreaterThan(4);
    const ours = findings.map(({ by, rule, severity, what, constructPath }) =>
      [by, rule, severity, what, constructPath].join(' '),
    );
    expect(ours.toSorted()).toEqual(expected.toSorted());
  });

  test('is that of the chosen stacks alone', async () => {
    const { findings } = await look(nagged('chosen'), { stacks: ['Service'] });
    expect([...new Set(findings.map(({ stack }) => stack))]).toEqual(['Service']);
  });

  test.each([
    [false, true],
    [true, false],
  ])('with failOnWarnings %s, warnings alone succeed: %s', async (failOnWarnings, success) => {
    const outdir = app(`warned-${failOnWarnings}`, (_, data) => Annotations.of(data).addWarningV2('a:b', 'old'));
    expect(await look(outdir, { failOnWarnings })).toMatchObject({ success, findings: [{ severity: 'warning' }] });
  });

  test('includes annotations of cdk-nag before version 3, by their rules', async () => {
    const outdir = app('nag-2', (_, data) =>
      Annotations.of(data).addError('AwsSolutions-IAM5[Resource::*]: The IAM entity has wildcards.'),
    );
    expect(await look(outdir)).toMatchObject({
      success: false,
      findings: [{ severity: 'error', rule: 'AwsSolutions-IAM5[Resource::*]', what: 'The IAM entity has wildcards.' }],
    });
  });

  test('is an error if a plugin fails, and says nothing else', async () => {
    const outdir = app('failing-plugin', (made) => {
      const validatePlugin = () => {
        throw new Error('no rules');
      };
      Validations.of(made).addPlugins({ name: 'Company', validate: validatePlugin });
    });
    expect(await look(outdir)).toMatchObject({
      success: false,
      findings: [{ severity: 'error', by: 'Company', what: "Validation plugin 'Company' failed: no rules" }],
    });
  });

  test('is nothing for an app that has no finding', async () => {
    expect(await look(app('clean'))).toMatchObject({ success: true, findings: [], notChecked: [] });
    expect(summary()).toEqual(['2 stacks: nothing found']);
  });

  test.each([
    ['is no JSON', '{', 'BrokenAssembly'],
    ['has another form', '{ "pluginReports": [{ "pluginName": "x" }] }', 'BrokenAssembly'],
  ])('is refused if the report %s', async (name, text, code) => {
    const outdir = app(`broken ${name}`);
    writeFileSync(join(outdir, 'validation-report.json'), text);
    await expect(look(outdir)).rejects.toMatchObject({ code });
  });

  test('is read nowhere else: a report that leads out of the assembly is refused', async () => {
    const outdir = app('linked');
    writeFileSync(join(folder, 'elsewhere.json'), '{ "pluginReports": [] }');
    rmSync(join(outdir, 'validation-report.json'), { force: true });
    symlinkSync(join(folder, 'elsewhere.json'), join(outdir, 'validation-report.json'));
    await expect(look(outdir)).rejects.toMatchObject({ code: 'OutsideAssembly' });
  });
});

describe('rules of CloudFormation Guard', () => {
  test('are checked by the real program, without a value of the template', async () => {
    const outdir = app('guarded', (_, data) => {
      const nested = new NestedStack(data, 'Nested');
      new CfnQueue(nested, 'Inner', { visibilityTimeout: 90 });
    });

    const report = await look(outdir, { rules: [RULES], env: WITH_GUARD });

    expect(report.success).toBe(false);
    expect(report.findings).toEqual([
      {
        severity: 'error',
        by: 'cfn-guard',
        rule: 'QUEUE_HAS_TIMEOUT',
        stack: 'Service',
        constructPath: 'Service/Jobs',
        source: expect.stringMatching(/validate\.spec\.ts:\d+$/),
        what: 'messages come back too early.',
        mend: 'give it a visibility timeout of a minute.',
      },
      {
        severity: 'error',
        by: 'cfn-guard',
        rule: 'QUEUE_IS_ENCRYPTED',
        stack: 'staging/Data',
        constructPath: 'staging/Data/Nested/Inner',
        source: expect.stringMatching(/validate\.spec\.ts:\d+$/),
        what: '%queues[*].Properties.KmsMasterKeyId EXISTS',
      },
    ]);
    expect(JSON.stringify([report, events])).not.toContain('hunter2');
  });

  test('that hold are no finding', async () => {
    const rules = [join(folder, 'one.guard')];
    writeFileSync(rules[0]!, 'rule TYPED when Resources exists { Resources.*.Type exists }\n');
    expect(await look(app('held'), { rules, env: WITH_GUARD })).toMatchObject({ success: true, findings: [] });
  });

  test.each([
    ['has a mistake', 'rule {{{', 'GuardFailed'],
    ['holds no rule', '# nothing', 'GuardFailed'],
  ])('fail if a file of them %s', async (name, text, code) => {
    const file = join(folder, `${name}.guard`);
    writeFileSync(file, text);
    await expect(look(app(`rules ${name}`), { rules: [file], env: WITH_GUARD })).rejects.toMatchObject({ code });
  });

  test('fail in one sentence if they are not there', async () => {
    const rules = [join(folder, 'none')];
    await expect(look(app('no-rules'), { rules, env: WITH_GUARD })).rejects.toMatchObject({ code: 'BadOption' });
  });

  test('fail in a CI without the program, and are told to be unchecked elsewhere', async () => {
    const outdir = app('no-program');
    const refused = look(outdir, { rules: [RULES], ci: true });
    await expect(refused).rejects.toMatchObject({ code: 'NoGuard', message: expect.stringContaining(RULES) });

    const report = await look(outdir, { rules: [RULES] });
    const sentence = `cfn-guard, which checks the rules in ${RULES}, is not installed: they were not checked`;
    expect(report).toMatchObject({ success: true, findings: [], notChecked: [sentence] });
    expect(events).toContainEqual({ type: 'message', level: 'warning', text: sentence });
  });
});
