import { Failure } from '../failure/index.ts';
import { changeSetName } from './change-set-name.ts';
import type { ChangeSetPlace, CloudFormation } from './client.ts';
import type { DesiredStack, StackState } from './desired.ts';
import { changeSetParameters } from './parameters.ts';
import { type Changes, summarizeChanges } from './changes.ts';
import type { FailureCause } from './events.ts';
import { StackFailed } from './stack-failed.ts';
import { readTemplate } from './template.ts';

/** A template that is sent in the request may have that many bytes. */
const MAXIMUM_BODY = 51_200;

/** Milliseconds between two looks; the first is at once, since small change sets are ready by then. */
const DELAYS = [0, 150, 300, 600, 1200, 2000, 3000, 4000];

/** How CloudFormation says that a change set would change nothing; the second if a transform is involved. */
const NOTHING_CHANGES = /^(The submitted information didn't contain changes|No updates are to be performed)/;

/** A change set that CloudFormation has worked out. */
export interface ChangeSet extends ChangeSetPlace {
  readonly name: string;
  /** False if it would change nothing; it cannot be executed then. */
  readonly hasChanges: boolean;
  readonly changes: Changes;
}

/**
 * Creates a change set, of a new stack if there is none, and waits until it is worked out.
 *
 * @throws Failure `ChangeSetFailed` with CloudFormation's reason, `MissingParameter`, `TemplateTooLarge`
 */
export async function createChangeSet({ cloudFormation, desired, current }: StackState): Promise<ChangeSet> {
  const { clock } = cloudFormation;
  const { resolved, template } = desired;
  const { stack } = resolved;
  const creates = !current || current.status === 'REVIEW_IN_PROGRESS';
  const previous = creates ? undefined : new Set(Object.keys(current.parameters));
  const name = changeSetName(desired.digest, clock.now());
  const place = await cloudFormation.createChangeSet({
    StackName: stack.stackName,
    ChangeSetName: name,
    ChangeSetType: creates ? 'CREATE' : 'UPDATE',
    ClientToken: name,
    Description: 'Deployment of a CDK stack',
    ...(resolved.template ? { TemplateURL: resolved.template.url } : { TemplateBody: await templateBody(desired) }),
    Parameters: changeSetParameters(stack.id, template, desired.parameters, previous),
    Tags: Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
    NotificationARNs: [...desired.notificationArns],
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    RoleARN: resolved.executionRoleArn,
  });

  for (let look = 0; ; look += 1) {
    await clock.sleep(DELAYS[Math.min(look, DELAYS.length - 1)]!);
    const { status, statusReason, changes } = await cloudFormation.describeChangeSet(place);
    if (status === 'CREATE_PENDING' || status === 'CREATE_IN_PROGRESS') continue;
    const hasChanges = status === 'CREATE_COMPLETE';
    if (hasChanges || (status === 'FAILED' && NOTHING_CHANGES.test(statusReason))) {
      return { ...place, name, hasChanges, changes: summarizeChanges(hasChanges ? changes : [], stack.resources) };
    }
    throw await refused(cloudFormation, desired, place.id, `${name} (${status})`, statusReason);
  }
}

/**
 * The error for a change set that CloudFormation refused. Findings of its validation are events of the change set:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
 */
async function refused(
  cloudFormation: CloudFormation,
  { resolved }: DesiredStack,
  changeSet: string,
  label: string,
  statusReason: string,
): Promise<Failure> {
  const findings = statusReason.includes('EarlyValidation')
    ? await cloudFormation.validationErrors(changeSet).catch(() => [])
    : [];
  const causes = findings.map((finding): FailureCause => {
    const { LogicalResourceId: logicalId = '', ResourceType: resourceType = '', ValidationPath: path } = finding;
    const { ValidationStatus: status = 'FAILED', ValidationStatusReason: said } = finding;
    const reason = [said, path && `at ${path}`].filter(Boolean).join(' ');
    return { logicalId, resourceType, status, reason, ...resolved.stack.resources.get(logicalId) };
  });
  const why = causes[0] ? `${causes[0].constructPath ?? causes[0].logicalId}: ${causes[0].reason}` : statusReason;
  const what = `CloudFormation refused the change set ${label} in ${resolved.targetName}: ${why || 'it gave no reason'}`;
  return new StackFailed('ChangeSetFailed', { subject: resolved.stack.id, what }, causes);
}

async function templateBody({ resolved, template }: DesiredStack): Promise<string> {
  const { stack } = resolved;
  if (template.bytes > MAXIMUM_BODY) {
    throw new Failure('TemplateTooLarge', {
      subject: stack.id,
      what: `its template has ${template.bytes} bytes, more than the ${MAXIMUM_BODY} that go without a bucket`,
      next: 'use a stack synthesizer that puts templates into the staging bucket',
    });
  }
  return readTemplate(stack.id, stack.templateFile);
}
