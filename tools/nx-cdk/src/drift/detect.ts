import type { PropertyDifference, StackResourceDrift, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import type { ResourceOrigin } from '../assembly/index.ts';
import { type CloudFormation, Skipped } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { maskedValues } from '../mask/index.ts';
import type { DriftedProperty, DriftedResource, StackResource } from './model.ts';

/** Milliseconds between two looks: CloudFormation reads each resource, which takes seconds to many minutes. */
const DELAYS = [300, 1000, 2000, 3000, 5000];

/** Milliseconds after which a detection that does not end is given up. */
const LONGEST = 3600_000;

const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** What CDK puts into each stack about itself: nothing is made of it. */
const METADATA = 'AWS::CDK::Metadata';

/** What was found in a stack and its nested stacks. */
interface Detected {
  readonly resources: readonly DriftedResource[];
  readonly notChecked: readonly StackResource[];
}

/** A stack to look at. */
export interface Detection {
  readonly cloudFormation: CloudFormation;
  readonly stackId: string;
  /** Of its resources, by logical id. */
  readonly origins: ReadonlyMap<string, ResourceOrigin>;
  /** Says what is going on. */
  readonly step: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Logical ids of the nested stacks that it is in. @default - it is in none */
  readonly nestedIn?: string;
}

/**
 * Lets CloudFormation compare the resources of a stack with what it deployed. It does not look into nested stacks by
 * itself, so they follow
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/detect-drift-stack.html).
 *
 * @throws Failure `DriftUnknown` if it gives no result; `Skipped` at Ctrl-C; errors of the SDK
 */
export async function detect(detection: Detection): Promise<Detected> {
  const { cloudFormation, stackId, nestedIn, step } = detection;
  step(`detecting drift${nestedIn === undefined ? '' : ` of the nested stack ${nestedIn}`}`);
  const failed = await runDetection(detection);
  // After the detection: the listing says of each resource whether it took part.
  const [drifts, all] = [await cloudFormation.resourceDrifts(stackId), await cloudFormation.resources(stackId)];
  const resources = drifts.map((drift) => driftedResource(drift, detection));
  if (failed !== undefined && !resources.some(({ status }) => status === 'unknown')) throw failed;
  const notChecked = all.filter(isNotChecked).map((resource) => stackResource(resource, detection));
  for (const { ResourceType: type, PhysicalResourceId: nestedId, LogicalResourceId: logicalId } of all) {
    if (type !== NESTED_STACK || nestedId === undefined) continue;
    const within = [nestedIn, logicalId].filter((part) => part !== undefined).join('/');
    // Logical ids of nested stacks are unique only in their own template.
    const inside = await detect({ ...detection, stackId: nestedId, nestedIn: within, origins: new Map() });
    resources.push(...inside.resources);
    notChecked.push(...inside.notChecked);
  }
  return { resources, notChecked };
}

/** Runs a detection to its end. @returns why it failed for some resource, or for all; undefined if it did not */
async function runDetection(detection: Detection): Promise<Failure | undefined> {
  const { cloudFormation, stackId, step, signal } = detection;
  const { clock } = cloudFormation;
  const startedAt = clock.now();
  const wait = async (look: number) => {
    if (clock.now() - startedAt > LONGEST) throw notDetected('its drift detection has not ended in an hour');
    await clock.sleep(DELAYS[Math.min(look, DELAYS.length - 1)]!, signal);
    if (signal?.aborted) throw new Skipped('interrupted before its drift was known');
  };
  let id = await cloudFormation.startDriftDetection(stackId);
  // One that somebody else started, or this very run, if the answer to its request got lost: it cannot be asked about.
  for (let look = 0; id === undefined; look += 1) {
    if (look === 0) step('waiting for a drift detection that runs already');
    await wait(look);
    id = await cloudFormation.startDriftDetection(stackId);
  }
  for (let look = 0; ; look += 1) {
    await wait(look);
    const { DetectionStatus: status, DetectionStatusReason: reason } = await cloudFormation.driftDetection(id);
    if (status === 'DETECTION_COMPLETE') return undefined;
    if (status === 'DETECTION_FAILED') return notDetected(`its drift detection failed: ${reason ?? 'no reason given'}`);
  }
}

function notDetected(what: string): Failure {
  return new Failure('DriftUnknown', { what, next: 'try again later, or look at it in the CloudFormation console' });
}

/** Whether CloudFormation does not compare resources of its type. Those of nested stacks are looked at themselves. */
function isNotChecked({ ResourceType: type, DriftInformation: drift }: StackResourceSummary): boolean {
  if (type === NESTED_STACK || type === METADATA) return false;
  return !['IN_SYNC', 'MODIFIED', 'DELETED', 'UNKNOWN'].includes(drift?.StackResourceDriftStatus ?? '');
}

function stackResource(
  { LogicalResourceId: logicalId = '', ResourceType: resourceType = '' }: Partial<StackResourceSummary>,
  { origins, nestedIn }: Detection,
): StackResource {
  return { logicalId, resourceType, ...(nestedIn && { nestedIn }), ...origins.get(logicalId) };
}

const STATUSES: Readonly<Record<string, DriftedResource['status']>> = { MODIFIED: 'modified', DELETED: 'deleted' };

function driftedResource(drift: StackResourceDrift, detection: Detection): DriftedResource {
  const { StackResourceDriftStatus: status = '', PhysicalResourceId: physicalId = '' } = drift;
  const { PropertyDifferences: differences = [], DriftStatusReason: reason } = drift;
  return {
    ...stackResource(drift, detection),
    physicalId,
    status: STATUSES[status] ?? 'unknown',
    properties: differences.map(driftedProperty).sort((a, b) => (a.path < b.path ? -1 : 1)),
    ...(reason && { reason }),
  };
}

const DIFFERENCES: Readonly<Record<string, DriftedProperty['difference']>> = { ADD: 'added', REMOVE: 'removed' };

function driftedProperty(property: PropertyDifference): DriftedProperty {
  const { PropertyPath: pointer = '', DifferenceType: type = '' } = property;
  // A JSON pointer, in which `~1` is a slash and `~0` a tilde.
  const path = pointer.split('/').filter(Boolean);
  const names = path.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const values = [property.ExpectedValue, property.ActualValue].map(parsed);
  const [expected, actual] = maskedValues(names, values[0], values[1]);
  const difference = DIFFERENCES[type] ?? 'changed';
  return {
    path: names.join('.'),
    difference,
    ...(difference !== 'added' && { expected }),
    ...(difference !== 'removed' && { actual }),
  };
}

/** CloudFormation writes numbers, lists and objects as JSON, and texts as they are. */
function parsed(value: string | undefined): unknown {
  try {
    return value === undefined ? undefined : (JSON.parse(value) as unknown);
  } catch {
    return value;
  }
}
