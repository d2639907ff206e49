import type { ResourceToImport } from '@aws-sdk/client-cloudformation';
import { Failure } from '../failure/index.ts';
import { type ChangeSetOrigin, changeSetName } from './change-set-name.ts';
import type { ChangeSetPlace, CloudFormation } from './client.ts';
import { deploymentConfig, type DeploymentSettings, STANDARD } from './deployment-mode.ts';
import type { DesiredStack, StackState } from './desired.ts';
import { rollbackConfiguration } from './rollback-triggers.ts';
import { changeSetParameters, parametersWithNewDefault } from './parameters.ts';
import { type Changes, summarizeChanges } from './changes.ts';
import { deployedTemplateOf } from './compare.ts';
import { causeOfFinding } from './events.ts';
import { StackFailed } from './stack-failed.ts';
import { sameTemplate } from './template.ts';

/**
 * A template that is sent in the request may have that many bytes
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
 */
export const MAXIMUM_BODY = 51_200;

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
  /** Parameters that get a new default, since nobody gave them a value. */
  readonly newDefaults: readonly string[];
}

/** What else a change set is made with. */
export interface ChangeSetOptions extends ChangeSetOrigin {
  /** Reads the template of a stack that is there. @default - CloudFormation is asked for it */
  readonly deployedTemplate?: () => Promise<string>;
  /** How it will be executed. @default - in standard mode */
  readonly settings?: DeploymentSettings;
  /** Resources that are there, and become those of the stack: the change set does that and no more. @default - none */
  readonly importing?: readonly ResourceToImport[];
}

/**
 * Creates a change set, of a new stack if there is none, and waits until it is worked out. CloudFormation gets the
 * template of the desired stack in the request. If it is too large for that, CloudFormation reads it from the bucket,
 * and what it has read is compared.
 *
 * @throws Failure `ChangeSetFailed` with CloudFormation's reason, `MissingParameter`, `TemplateTooLarge`,
 * `TemplateReplaced` if CloudFormation has read another template
 */
export async function createChangeSet(state: StackState, options: ChangeSetOptions = {}): Promise<ChangeSet> {
  const { cloudFormation, desired, current } = state;
  const { importing } = options;
  const { clock } = cloudFormation;
  const { resolved, template, parameters, notificationArns } = desired;
  const { stack } = resolved;
  const existing = current?.status === 'REVIEW_IN_PROGRESS' ? undefined : current;
  const values = existing?.parameters ?? {};
  const deployed = options.deployedTemplate ?? (existing && deployedTemplateOf({ ...state, current: existing }));
  const newDefaults = deployed ? await parametersWithNewDefault(template, parameters, values, deployed) : [];
  const kept = new Set(Object.keys(values).filter((key) => !newDefaults.includes(key)));
  const name = changeSetName(desired.digest, clock.now(), options);
  const source = templateSource(desired);
  const { settings = STANDARD } = options;
  // A creation has nothing to go back to, and may be what makes the alarms: CloudFormation fails if one is missing.
  const monitoring = existing && settings.monitoring;
  const place = await cloudFormation.createChangeSet({
    StackName: stack.stackName,
    ChangeSetName: name,
    ChangeSetType: importing ? 'IMPORT' : existing ? 'UPDATE' : 'CREATE',
    ...(importing && { ResourcesToImport: [...importing] }),
    ClientToken: name,
    Description: 'Deployment of a CDK stack',
    ...source,
    Parameters: changeSetParameters(stack.id, template, parameters, kept),
    // What is left out stays as it is; an empty list removes what is there.
    Tags: stack.tags && Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
    NotificationARNs: notificationArns && [...notificationArns],
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    RoleARN: resolved.executionRoleArn,
    DeploymentConfig: deploymentConfig(settings),
    // What is not there yet has not drifted.
    DeploymentMode: existing && settings.revertDrift ? 'REVERT_DRIFT' : undefined,
    RollbackConfiguration: monitoring && rollbackConfiguration(resolved, monitoring),
  });

  for (let look = 0; ; look += 1) {
    await clock.sleep(DELAYS[Math.min(look, DELAYS.length - 1)]!);
    const { status, statusReason, changes } = await cloudFormation.describeChangeSet(place);
    if (status === 'CREATE_PENDING' || status === 'CREATE_IN_PROGRESS') continue;
    const hasChanges = status === 'CREATE_COMPLETE';
    if (hasChanges || (status === 'FAILED' && NOTHING_CHANGES.test(statusReason))) {
      if (source.TemplateURL) await requireTemplate(cloudFormation, desired, place, source.TemplateURL);
      const summary = summarizeChanges(hasChanges ? changes : [], stack.resources);
      return { ...place, name, hasChanges, changes: summary, newDefaults };
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
    ? await cloudFormation.validationErrors({ ChangeSetName: changeSet }).catch(() => [])
    : [];
  const causes = findings.map((finding) => causeOfFinding(finding, resolved.stack));
  const why = causes[0] ? `${causes[0].constructPath ?? causes[0].logicalId}: ${causes[0].reason}` : statusReason;
  const what = `CloudFormation refused the change set ${label} in ${resolved.targetName}: ${why || 'it gave no reason'}`;
  return new StackFailed('ChangeSetFailed', { subject: resolved.stack.id, what }, causes);
}

/** The template in the request, or where CloudFormation finds it. @throws Failure `TemplateTooLarge` */
function templateSource({ resolved, template }: DesiredStack) {
  if (template.bytes <= MAXIMUM_BODY) return { TemplateBody: template.text() };
  if (resolved.template) return { TemplateURL: resolved.template.url };
  throw new Failure('TemplateTooLarge', {
    subject: resolved.stack.id,
    what: `its template has ${template.bytes} bytes, more than the ${MAXIMUM_BODY} that go without a bucket`,
    next: 'use a stack synthesizer that puts templates into the staging bucket',
  });
}

/**
 * Compares what CloudFormation has read from a bucket with the desired template. Who may publish can replace the object
 * at any moment before that, and not after it. A change set of another template is deleted.
 *
 * @throws Failure `TemplateReplaced`
 */
async function requireTemplate(
  cloudFormation: CloudFormation,
  { resolved, template }: DesiredStack,
  place: ChangeSetPlace,
  url: string,
): Promise<void> {
  const found = await cloudFormation.originalTemplate(place.stackId, place.id);
  if (sameTemplate(template.text(), found)) return;
  await cloudFormation.deleteChangeSet(place).catch(() => undefined);
  throw new Failure('TemplateReplaced', {
    subject: resolved.stack.id,
    what: `CloudFormation has read another template from ${url} than ${resolved.stack.templateFile}`,
    next: 'somebody has replaced it; publish again (nx publish <project>) after finding out who',
  });
}
