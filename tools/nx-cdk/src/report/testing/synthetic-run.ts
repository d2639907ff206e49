import type { StackReport } from '../../deploy/index.ts';
import type { ItemPart, OrderedItem, RecordedItem } from '../../progress/index.ts';
import { type DeployRun, RUN_FORMAT } from '../model.ts';

export interface SyntheticOptions {
  readonly stacks: number;
  /** Places of the scheduler. @default 10 */
  readonly concurrency?: number;
  /** Of each stack that changes. @default 10 */
  readonly resources?: number;
  /** How many stacks before a stack the one is that it depends on. @default 25 */
  readonly chain?: number;
  /** Every so many stacks, one fails. @default - none */
  readonly failEvery?: number;
  /** Every so many stacks, one changes. @default 2 */
  readonly changeEvery?: number;
}

const ENVIRONMENTS = [
  { environment: 'staging', account: '111111111111', region: 'eu-west-1' },
  { environment: 'prod', account: '222222222222', region: 'us-east-1' },
] as const;

const KINDS = ['AWS::Lambda::Function', 'AWS::IAM::Role', 'AWS::SQS::Queue', 'AWS::DynamoDB::Table'] as const;

/**
 * What a deployment of many stacks would leave: two environments, each stack after one before it, as many at a
 * time as there are places. The same numbers each time.
 */
export function syntheticRun(options: SyntheticOptions): DeployRun {
  const { stacks: number, concurrency = 10, resources = 10, chain = 25, failEvery = 0, changeEvery = 2 } = options;
  const names = Array.from({ length: number }, (_, index) => ({
    index,
    ...ENVIRONMENTS[index < number / 2 ? 0 : 1],
    id: `${index < number / 2 ? 'staging' : 'prod'}/Service${index}`,
  }));
  const barrier: OrderedItem = {
    id: 'promotion:staging',
    after: names.filter(({ environment }) => environment === 'staging').map(({ id }) => id),
    barrier: true,
  };
  const order: OrderedItem[] = names.map(({ id, index, environment }) => {
    const before = names[index - chain];
    const dependencies = before?.environment === environment ? [before.id] : [];
    return { id, after: environment === 'prod' ? [...dependencies, barrier.id] : dependencies };
  });
  const ends = new Map<string, number>();
  const failed = new Set<string>();
  const places = Array.from({ length: concurrency }, () => 400);
  const items: RecordedItem[] = [];
  const reports: StackReport[] = [];
  for (const { id, index, environment, account, region } of names) {
    const after = order[index]!.after.flatMap((one) => (one === barrier.id ? barrier.after : [one]));
    const culprit = after.find((one) => failed.has(one));
    const about = { id, stackName: id.replace('/', '-'), account, region, notes: [], outputs: {} };
    const none = { added: 0, modified: 0, removed: 0, replaced: 0, resources: [] };
    if (culprit !== undefined) {
      failed.add(id);
      const detail = `${culprit} failed`;
      items.push({ id, label: id, steps: [], outcome: 'skipped', detail, milliseconds: 0 });
      reports.push({ ...about, notes: [detail], changes: none, outcome: 'skipped', seconds: 0 });
      continue;
    }
    const ready = Math.max(400, ...after.map((one) => ends.get(one)!));
    const place = places.indexOf(Math.min(...places));
    const startedAt = Math.max(ready, places[place]!);
    const isChanged = index % changeEvery === 0;
    const isFailed = failEvery > 0 && environment === 'staging' && index % failEvery === failEvery - 1;
    const milliseconds = isChanged || isFailed ? 8000 + ((index * 7919) % 50_000) : 120 + ((index * 31) % 90);
    places[place] = startedAt + milliseconds;
    ends.set(id, startedAt + milliseconds);
    const parts = isChanged || isFailed ? partsOf(id, startedAt, milliseconds, resources, isFailed) : [];
    const outcome = isFailed ? 'failed' : isChanged ? 'updated' : 'unchanged';
    const changed = parts.map(({ name, kind, constructPath }) => ({
      action: 'Modify',
      logicalId: name,
      resourceType: kind,
      constructPath,
      properties: [{ path: 'Tags', by: 'template' as const }],
    }));
    const message = `${id}: the update failed in ${account}/${region} at ${id}/Queue0/Resource (AWS::SQS::Queue, stack.ts:14): it is taken; status is UPDATE_ROLLBACK_COMPLETE: the stack is as it was before: correct the cause and deploy again.`;
    const causes = parts.slice(-1).map(({ name, kind, constructPath }) => ({
      logicalId: name,
      resourceType: kind,
      status: 'UPDATE_FAILED',
      reason: 'it is taken',
      constructPath,
      source: 'apps/shop/src/service-stack.ts:14',
    }));
    const next = 'the stack is as it was before: correct the cause and deploy again';
    const failure = { code: 'StackFailed', message, next };
    if (isFailed) failed.add(id);
    items.push({
      id,
      label: id,
      where: `${account}/${region}`,
      startedAt,
      milliseconds,
      steps: isChanged ? [{ at: startedAt + 300, text: 'creating change set' }] : [],
      outcome,
      ...(isChanged && { detail: `${parts.length} modified` }),
      ...(isFailed && { failure }),
      ...(parts.length > 0 && { parts }),
    });
    reports.push({
      ...about,
      outcome,
      seconds: milliseconds / 1000,
      notes: isChanged ? ['template differs'] : [],
      changes: { ...none, modified: changed.length, resources: changed },
      outputs: { Address: `https://${index}.example.com/` },
      ...(isFailed && { failure: { ...failure, causes } }),
    });
  }
  const ended = Math.max(...ends.values());
  const success = failed.size === 0;
  return {
    format: RUN_FORMAT,
    command: 'deploy',
    project: 'shop',
    success,
    recording: {
      startedAt: '2026-11-28T23:15:00.000Z',
      milliseconds: ended + 700,
      runs: [
        {
          action: 'deploy',
          subject: `${number} stacks in 2 targets`,
          startedAt: 350,
          milliseconds: ended - 350,
          success,
          summary: summaryOf(items),
          order: [...order, barrier],
          items,
        },
      ],
      calls: ENVIRONMENTS.flatMap(({ account, region }) =>
        ['DescribeStacks', 'CreateChangeSet', 'ExecuteChangeSet', 'DescribeEvents'].map((action, index) => ({
          service: 'cloudformation',
          action,
          role: 'cdk-hnb659fds-deploy-role',
          target: `${account}/${region}`,
          count: number,
          milliseconds: number * 120,
          retries: index === 0 ? 3 : 0,
          errors: 0,
        })),
      ),
      retried: [20_000, 21_000, 60_000].map((at) => ({
        at,
        service: 'cloudformation',
        action: 'DescribeStacks',
        target: '111111111111/eu-west-1',
        attempts: 2,
        milliseconds: 900,
      })),
      messages: [{ at: 10, level: 'info', text: 'Release 4550fc301829: all objects are what was published.' }],
    },
    result: { success, stacks: reports, release: '4550fc301829'.padEnd(64, '0') },
  };
}

/** As `Run` says it. */
function summaryOf(items: readonly RecordedItem[]): string {
  const outcomes = Map.groupBy(items, ({ outcome }) => outcome);
  return `${items.length} stacks: ${[...outcomes].map(([outcome, those]) => `${those.length} ${outcome}`).join(', ')}`;
}

/** One resource after the other, but for the last tenth of the time. */
function partsOf(id: string, from: number, whole: number, number: number, isFailed: boolean): ItemPart[] {
  const began = from + whole * 0.1;
  const each = (whole * 0.9) / number;
  return Array.from({ length: number }, (_, index) => {
    const kind = KINDS[index % KINDS.length]!;
    const name = `${kind.split('::').at(-1)!}${index}`;
    const fails = isFailed && index === number - 1;
    return {
      name,
      kind,
      constructPath: `${id}/${name}/Resource`,
      startedAt: Math.round(began + each * index),
      milliseconds: Math.round(each),
      status: fails ? 'UPDATE_FAILED' : 'UPDATE_COMPLETE',
      ...(fails && { reason: 'it is taken' }),
    };
  });
}
