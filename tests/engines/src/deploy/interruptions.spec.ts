import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CreateChangeSetCommand } from '@aws-sdk/client-cloudformation';
import { ACCOUNT, assemblyOf, queues, REGION, type TestStack } from 'nx-cdk/src/cloudformation/testing/assembly.ts';
import { DEPLOY_ROLE } from './environment-template.ts';
import { modern, outcomes, Rehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;

beforeAll(async () => {
  rehearsal = await Rehearsal.start();
});

afterAll(() => rehearsal.stop());

/** Runs a deployment in a process of its own and kills it the moment that it says something. */
async function killAfter(moment: string, plan: TestStack): Promise<void> {
  const program = join(import.meta.dirname, 'interrupted-process.ts');
  const child = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(plan)], {
    // What it can no longer clean up goes with the rehearsal.
    env: { ...process.env, ...rehearsal.local.environment(ACCOUNT), NODE_OPTIONS: '', TMPDIR: rehearsal.folder },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').includes(moment)) child.kill('SIGKILL');
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect({ said, signal }).toMatchObject({ signal: 'SIGKILL' });
}

describe('a run that ends early', () => {
  test('starts nothing new after an interruption, and the next run picks up', async () => {
    const plans = [modern('Chain1'), modern('Chain2', queues('Queue'), { dependencies: ['Chain1'] })];
    const interrupt = new AbortController();
    const report = await rehearsal.run(plans, {
      signal: interrupt.signal,
      listener: (event) => event.type === 'item-progress' && event.step === 'creating' && interrupt.abort(),
    });

    expect(report).toMatchObject({ success: false, interrupted: true });
    expect(outcomes(report)).toEqual({ Chain1: 'created', Chain2: 'skipped' });
    expect(outcomes(await rehearsal.run(plans))).toEqual({ Chain1: 'unchanged', Chain2: 'created' });
  });

  test('between change set and execution leaves nothing that stops the next one', async () => {
    const client = await rehearsal.cloudFormation();
    const TemplateBody = JSON.stringify(queues('Other'));
    await client.send(
      new CreateChangeSetCommand({ StackName: 'Left', ChangeSetName: 'left', ChangeSetType: 'CREATE', TemplateBody }),
    );
    expect(await rehearsal.stackInAws('Left')).toMatchObject({ StackStatus: 'REVIEW_IN_PROGRESS' });

    expect(outcomes(await rehearsal.run([modern('Left')]))).toEqual({ Left: 'created' });
  });
});

describe('a process that is killed', () => {
  // Each moment leaves another state behind: no stack, a stack in review, a change set that waits, a running operation.
  const moments = [
    'DescribeStacks',
    'creating change set',
    'CreateChangeSet',
    'DescribeChangeSet',
    'creating',
    'ExecuteChangeSet',
  ];

  test.each(moments)('right after "%s" leaves nothing that the next run cannot finish', async (moment) => {
    const plan = modern(`Killed${moments.indexOf(moment)}`);
    const assembly = assemblyOf([plan]);
    await rehearsal.publish(assembly);
    assembly.dispose();

    await killAfter(moment, plan);

    expect((await rehearsal.run([plan])).stacks[0]).toMatchObject({
      outcome: expect.stringMatching(/created|unchanged/),
    });
    expect(await rehearsal.stackInAws(plan.id)).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });
    expect(outcomes(await rehearsal.run([plan]))).toEqual({ [plan.id]: 'unchanged' });
  });
});

describe('a request that fails', () => {
  const failures = {
    'is throttled': { name: 'Throttling', $fault: 'client', $metadata: { httpStatusCode: 400 } },
    'meets a server error': { name: 'ServiceUnavailable', $fault: 'server', $metadata: { httpStatusCode: 503 } },
    'loses its answer': {
      name: 'TimeoutError',
      $fault: 'server',
      $metadata: { httpStatusCode: 503 },
      carriedOut: true,
    },
  };

  test.each(Object.entries(failures))(
    'because it %s fails no deployment, whichever request it is',
    async (_, failure) => {
      let made = 1;
      for (let failing = 0; failing < made; failing += 1) {
        const fresh = rehearsal.connect();
        made = 0;
        const client = await fresh.cloudFormation({
          account: ACCOUNT,
          region: REGION,
          role: { arn: DEPLOY_ROLE.replace('${AWS::Partition}', 'aws').replace('${AWS::AccountId}', ACCOUNT) },
        });
        client.middlewareStack.add(
          (next) => async (args) => {
            const fails = made++ === failing;
            if (!fails) return next(args);
            if ('carriedOut' in failure) await next(args);
            throw Object.assign(new Error('injected'), failure);
          },
          { step: 'deserialize', priority: 'low' },
        );

        const name = `Faulty${Object.values(failures).indexOf(failure)}x${failing}`;
        const report = await rehearsal.run([modern(name)], { aws: fresh });

        expect(report.stacks[0]).toMatchObject({ outcome: 'created' });
        expect(made).toBeGreaterThan(4);
        fresh.destroy();
      }
    },
  );
});
