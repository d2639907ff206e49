import type { OperationEvent, StackEvent } from '@aws-sdk/client-cloudformation';
import type { AssemblyStack, ResourceOrigin } from '../assembly/index.ts';
import type { Listener } from '../progress/index.ts';
import type { CloudFormation, StackOperation } from './client.ts';

/** Milliseconds before the first look at events; most small stacks are done before it, which then costs no request. */
const FIRST_LOOK = 2000;
const DELAYS = [2500, 3000, 4000, 5000];

/** Enough for any stack: a page holds about a hundred events, a stack at most 500 resources. */
const MAXIMUM_PAGES = 30;
const MAXIMUM_DEPTH = 5;

/** Resources that only failed because another one had. */
const CANCELLED = /cancelled|canceled/i;

/** What CloudFormation writes into events of a stack that say no more than that something happened. */
const UNTELLING = /^(User Initiated|Transformation succeeded|Rollback (requested|complete))/i;

/** The events do not say more than that, but the events of the operation do. */
const IN_DETAIL = /Call DescribeEvents|operation's FAILED event/;

/** Status of a cause that is an alarm which CloudFormation watches, and no resource of the stack. */
export const ALARM = 'ALARM';

/** The ARN of an alarm, in whatever sentence CloudFormation names it. */
const ALARM_ARN = /arn:[\w-]+:cloudwatch:[\w-]*:\d*:alarm:([^\s,;\]"']+?)\.?(?=[\s,;\]"']|$)/;

/** A resource that failed, or an alarm that went off. */
export interface FailureCause extends ResourceOrigin {
  readonly logicalId: string;
  readonly resourceType: string;
  readonly status: string;
  readonly reason: string;
}

/**
 * The resources that failed in an operation. The first is the root cause: what failed after it was mostly cancelled, or
 * could not be rolled back. What failed inside a nested stack comes before the nested stack.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
 */
export async function findCauses(
  cloudFormation: CloudFormation,
  operation: StackOperation,
  stack: AssemblyStack,
  depth = 0,
): Promise<FailureCause[]> {
  const { stackId } = operation;
  const { failed, told } = await tellingEvents(cloudFormation, operation, depth);
  const alarm = told.find((event) => ALARM_ARN.test(event.ResourceStatusReason ?? ''));
  // What was cancelled because of it says nothing.
  if (alarm !== undefined) return [causeOfAlarm(alarm)];
  const real = failed.filter(
    (event) => event.PhysicalResourceId !== stackId && !CANCELLED.test(event.ResourceStatusReason ?? ''),
  );
  // Some failures are the stack's own: a template that cannot be worked out, a validation before the first resource.
  const own = failed.filter((event) => event.ResourceStatusReason);
  const [chosen = []] = [real, own, told].filter((events) => events.length > 0);
  if (chosen !== real && IN_DETAIL.test(chosen[0]?.ResourceStatusReason ?? '')) {
    const findings = await cloudFormation.validationErrors({ StackName: stackId }).catch(() => []);
    if (findings.length > 0) return findings.map((finding) => causeOfFinding(finding, stack));
  }

  const causes: FailureCause[] = [];
  const seen = new Set<string>();
  for (const event of chosen) {
    const key = `${event.LogicalResourceId} ${event.ResourceStatus}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const nestedId = event.ResourceType === 'AWS::CloudFormation::Stack' ? event.PhysicalResourceId : undefined;
    const inside =
      nestedId && nestedId !== stackId && depth < MAXIMUM_DEPTH
        ? await findCauses(cloudFormation, { ...operation, stackId: nestedId }, stack, depth + 1).catch(() => [])
        : [];
    causes.push(...inside, toCause(event, stack, depth));
  }
  return causes;
}

/**
 * The events that say why an operation failed, oldest first. Some reasons stand nowhere but in an event of the stack
 * itself that is no failure: that an export is in use stands in the one that begins the rollback, or, for a deletion
 * that does not begin, in one with the status that the stack has.
 */
async function tellingEvents(cloudFormation: CloudFormation, operation: StackOperation, depth: number) {
  const failed: StackEvent[] = [];
  const told: StackEvent[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAXIMUM_PAGES; page += 1) {
    const { events, next } = await cloudFormation.events(operation.stackId, token);
    const ours = events.filter((event) => belongs(event, operation, depth));
    failed.push(...ours.filter(isFailure));
    told.push(...ours.filter((event) => event.PhysicalResourceId === operation.stackId && tells(event)));
    const oldest = events.at(-1)?.Timestamp?.getTime() ?? 0;
    // A minute of slack: clocks of CloudFormation and of this machine differ, and if there is a token, it decides.
    if (!next || oldest < operation.startedAt - 60_000) break;
    token = next;
  }
  return { failed: failed.reverse(), told: told.reverse() };
}

function tells(event: StackEvent): boolean {
  const { ResourceStatusReason: reason = '' } = event;
  return !isFailure(event) && reason !== '' && (!UNTELLING.test(reason) || ALARM_ARN.test(reason));
}

function isFailure({ ResourceStatus, HookStatus }: StackEvent): boolean {
  return /_FAILED$/.test(ResourceStatus ?? '') || /^HOOK_(COMPLETE_)?FAILED$/.test(HookStatus ?? '');
}

function belongs(event: StackEvent, { token, startedAt }: StackOperation, depth: number): boolean {
  if (event.ClientRequestToken && depth === 0) return event.ClientRequestToken === token;
  return (event.Timestamp?.getTime() ?? 0) >= startedAt - 1000;
}

function toCause(event: StackEvent, stack: AssemblyStack, depth: number): FailureCause {
  const { LogicalResourceId: logicalId = '', ResourceType: resourceType = '', ResourceStatus: status = '' } = event;
  const reason = event.HookStatusReason ?? event.ResourceStatusReason ?? 'no reason given';
  // Logical ids of nested stacks are unique only in their own template.
  return { logicalId, resourceType, status, reason, ...(depth === 0 && stack.resources.get(logicalId)) };
}

function causeOfAlarm({ ResourceStatusReason: reason = '' }: StackEvent): FailureCause {
  const [, logicalId = ''] = ALARM_ARN.exec(reason) ?? [];
  return { logicalId, resourceType: 'AWS::CloudWatch::Alarm', status: ALARM, reason };
}

/** What CloudFormation's own validation found wrong with a template. */
export function causeOfFinding(finding: OperationEvent, stack: AssemblyStack): FailureCause {
  const { LogicalResourceId: logicalId = '', ResourceType: resourceType = '', ValidationPath: path } = finding;
  const { ValidationStatus: status = 'FAILED', ValidationStatusReason: said } = finding;
  const reason = [said, path && `at ${path}`].filter(Boolean).join(' ');
  return { logicalId, resourceType, status, reason, ...stack.resources.get(logicalId) };
}

/**
 * Reports what the resources of a running operation are doing, until the signal fires. Only for the display: an error
 * leaves it as it was, nothing is told after the signal, and nobody needs to wait for the last look.
 *
 * @param item of the display; `total` is how many resources take part
 */
export async function reportEvents(
  cloudFormation: CloudFormation,
  listener: Listener,
  operation: StackOperation,
  item: { readonly id: string; readonly total: number },
  signal: AbortSignal,
): Promise<void> {
  const { clock } = cloudFormation;
  const done = new Set<string>();
  await clock.sleep(FIRST_LOOK, signal);
  for (let look = 0; !signal.aborted; look += 1) {
    const events = await cloudFormation.latestEvents(operation.stackId, signal).catch(() => []);
    if (signal.aborted) return;
    const own = events.filter(
      (event) => event.ClientRequestToken === operation.token && event.PhysicalResourceId !== operation.stackId,
    );
    for (const { ResourceStatus = '', LogicalResourceId = '' } of own)
      if (/^[A-Z]+_COMPLETE$/.test(ResourceStatus)) done.add(LogicalResourceId);
    const [latest] = own;
    if (latest) {
      const step = `${latest.ResourceType} ${latest.LogicalResourceId} ${latest.ResourceStatus}`;
      const { id, total } = item;
      listener({ type: 'item-progress', id, step, done: Math.min(done.size, total), total });
    }
    await clock.sleep(DELAYS[Math.min(look, DELAYS.length - 1)]!, signal);
  }
}
