import type * as Sdk from '@aws-sdk/client-cloudformation';
import { type AwsClients, isAccessDenied, type Session } from '../aws/index.ts';
import { operationToken } from './change-set-name.ts';
import type { Clock } from './clock.ts';
import { deploymentConfig, type DeploymentMode, type DeploymentSettings, rollsBack } from './deployment-mode.ts';
import { type DescribedStack, described } from './described-stack.ts';
import { Requests } from './requests.ts';

/** Where a change set is. */
export interface ChangeSetPlace {
  readonly id: string;
  readonly stackId: string;
}

/** An operation of CloudFormation that was started on a stack. */
export interface StackOperation {
  readonly stackId: string;
  /** The token it was started with. All its events carry it, except those of nested stacks. */
  readonly token: string;
  /** In milliseconds since the epoch. */
  readonly startedAt: number;
}

/**
 * The CloudFormation calls that the deploy role of the CDK bootstrap template may make
 * (https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml), and those
 * about drift, which are for its lookup role: no others.
 *
 * If an answer gets lost, the SDK sends a call twice. So each call that changes something carries a token or a name of
 * its own, and it counts as success if CloudFormation answers that the first one was already carried out.
 */
export class CloudFormation {
  readonly clock: Clock;
  readonly #requests: Requests;

  constructor(aws: AwsClients, session: Session, clock: Clock) {
    this.#requests = new Requests(aws, session, clock);
    this.clock = clock;
  }

  /** A stack by name or id; undefined if there is none. A deleted one is found by its id only. */
  async describe(nameOrId: string): Promise<DescribedStack | undefined> {
    try {
      const { Stacks } = await this.#requests.read((sdk) => new sdk.DescribeStacksCommand({ StackName: nameOrId }));
      return Stacks?.[0] && described(Stacks[0]);
    } catch (error) {
      if (doesNotExist(error)) return undefined;
      throw error;
    }
  }

  /** One page of all stacks of the account and region; deleted ones are not among them. */
  async describePage(token: string | undefined): Promise<{ stacks: DescribedStack[]; next: string | undefined }> {
    const answer = await this.#requests.read((sdk) => new sdk.DescribeStacksCommand({ NextToken: token }));
    return { stacks: (answer.Stacks ?? []).map(described), next: answer.NextToken || undefined };
  }

  /** All stacks of the account and region that somebody wants to know of. */
  async describeAll(isWanted: (stack: DescribedStack) => boolean): Promise<DescribedStack[]> {
    const found: DescribedStack[] = [];
    for (let token: string | undefined; ;) {
      const { stacks, next } = await this.describePage(token);
      found.push(...stacks.filter(isWanted));
      token = next;
      if (token === undefined) return found;
    }
  }

  /**
   * The template as it was sent, macros not expanded: of a stack, or of a change set, which has it from the moment that
   * it is created (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html).
   */
  async originalTemplate(stackId: string, changeSet?: string): Promise<string> {
    const input = { StackName: stackId, ChangeSetName: changeSet, TemplateStage: 'Original' } as const;
    const answer = await this.#requests.read((sdk) => new sdk.GetTemplateCommand(input));
    return answer.TemplateBody ?? '';
  }

  /** The template as it was sent and, if macros made another one of it, that one as well. */
  async allTemplates(stackId: string): Promise<string[]> {
    const original = await this.originalTemplate(stackId);
    // Only a template that names a transform is processed by one.
    if (!original.includes('Transform')) return [original];
    const input = { StackName: stackId, TemplateStage: 'Processed' } as const;
    const answer = await this.#requests.read((sdk) => new sdk.GetTemplateCommand(input));
    return [original, answer.TemplateBody ?? ''];
  }

  /** The change sets of a stack that nobody has executed yet, and that did not fail. */
  async openChangeSets(stackId: string): Promise<ChangeSetPlace[]> {
    const summaries = await this.#requests.readAll(
      (sdk, NextToken) => new sdk.ListChangeSetsCommand({ StackName: stackId, NextToken }),
      ({ Summaries }) => Summaries,
    );
    return summaries.flatMap(({ ChangeSetId: id, Status: status = '', ExecutionStatus: execution = '' }) => {
      const isOver = /^(FAILED|DELETE_)/.test(status) || /^(EXECUTE_COMPLETE|OBSOLETE)$/.test(execution);
      return id === undefined || isOver ? [] : [{ id, stackId }];
    });
  }

  /** By which properties, each a list, a resource of a type is known: of the types that can be imported. */
  async identifiersIn(template: string): Promise<ReadonlyMap<string, readonly (readonly string[])[]>> {
    const answer = await this.#requests.read((sdk) => new sdk.GetTemplateSummaryCommand({ TemplateBody: template }));
    const summaries = answer.ResourceIdentifierSummaries ?? [];
    return new Map(
      summaries.map(({ ResourceType: type = '', ResourceIdentifiers: sets = [] }) => [
        type,
        sets.map((names) => names.split(',').map((name) => name.trim())),
      ]),
    );
  }

  /** Names of the stacks that import an export. None if this role may not ask: CloudFormation will find out. */
  async importers(exportName: string): Promise<string[]> {
    try {
      return await this.#requests.readAll(
        (sdk, NextToken) => new sdk.ListImportsCommand({ ExportName: exportName, NextToken }),
        ({ Imports }) => Imports,
      );
    } catch (error) {
      // CloudFormation has no error of its own for an export that nobody imports, only this sentence.
      const isUnused =
        nameOf(error) === 'ValidationError' && /not imported by any stack/.test((error as Error).message);
      if (isUnused || isAccessDenied(error)) return [];
      throw error;
    }
  }

  /**
   * Starts to compare what is there with what a stack says of it; with the permissions of the caller, who has to be
   * able to read the resources (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DetectStackDrift.html).
   *
   * @returns the id of the detection; undefined if one is running already
   */
  async startDriftDetection(stackId: string): Promise<string | undefined> {
    try {
      const answer = await this.#requests.send((sdk) => new sdk.DetectStackDriftCommand({ StackName: stackId }));
      return answer.StackDriftDetectionId;
    } catch (error) {
      // CloudFormation has no error of its own for that, only this sentence.
      if (nameOf(error) === 'ValidationError' && /drift detection is already in progress/i.test(String(error)))
        return undefined;
      throw error;
    }
  }

  /** How far a drift detection is. */
  async driftDetection(id: string): Promise<Sdk.DescribeStackDriftDetectionStatusOutput> {
    const input = { StackDriftDetectionId: id };
    return this.#requests.read((sdk) => new sdk.DescribeStackDriftDetectionStatusCommand(input));
  }

  /** What the last drift detection has found that is not as it should be, or could not be read. */
  async resourceDrifts(stackId: string): Promise<Sdk.StackResourceDrift[]> {
    const filters: Sdk.StackResourceDriftStatus[] = ['MODIFIED', 'DELETED', 'UNKNOWN'];
    const input = { StackName: stackId, StackResourceDriftStatusFilters: filters };
    return this.#requests.readAll(
      (sdk, NextToken) => new sdk.DescribeStackResourceDriftsCommand({ ...input, NextToken }),
      ({ StackResourceDrifts }) => StackResourceDrifts,
    );
  }

  /** The resources of a stack, and what is known of their drift. */
  async resources(stackId: string): Promise<Sdk.StackResourceSummary[]> {
    return this.#requests.readAll(
      (sdk, NextToken) => new sdk.ListStackResourcesCommand({ StackName: stackId, NextToken }),
      ({ StackResourceSummaries }) => StackResourceSummaries,
    );
  }

  /** Creates a change set; ends before CloudFormation has worked it out. */
  async createChangeSet(input: Sdk.CreateChangeSetCommandInput): Promise<ChangeSetPlace> {
    const { ChangeSetName, StackName } = input;
    try {
      const answer = await this.#requests.send((sdk) => new sdk.CreateChangeSetCommand(input));
      return { id: answer.Id ?? ChangeSetName!, stackId: answer.StackId ?? StackName! };
    } catch (error) {
      // The name is new with every attempt: a change set that has it is the one whose answer got lost.
      if (nameOf(error) !== 'AlreadyExistsException') throw error;
      const found = await this.#requests
        .send((sdk) => new sdk.DescribeChangeSetCommand({ ChangeSetName, StackName }))
        .catch(() => undefined);
      if (!found?.ChangeSetId) throw error;
      return { id: found.ChangeSetId, stackId: found.StackId ?? StackName! };
    }
  }

  /** Status of a change set and, once it is complete, everything that it would change. */
  async describeChangeSet({ id, stackId }: ChangeSetPlace) {
    // The values of properties are asked for because of their paths; they go no further than this answer.
    const input = { ChangeSetName: id, StackName: stackId, IncludePropertyValues: true };
    const changes: Sdk.Change[] = [];
    for (let token: string | undefined; ;) {
      const answer = await this.#requests.read(
        (sdk) => new sdk.DescribeChangeSetCommand({ ...input, NextToken: token }),
      );
      changes.push(...(answer.Changes ?? []));
      token = answer.NextToken || undefined;
      if (token && answer.Status === 'CREATE_COMPLETE') continue;
      const { Status: status = '', StatusReason: statusReason = '', ExecutionStatus: executionStatus = '' } = answer;
      return { status, statusReason, executionStatus, changes, parameters: answer.Parameters ?? [] };
    }
  }

  async deleteChangeSet({ id, stackId }: ChangeSetPlace): Promise<void> {
    const input = { ChangeSetName: id, StackName: stackId };
    await this.#requests
      .send((sdk) => new sdk.DeleteChangeSetCommand(input))
      .catch((error: unknown) => {
        if (!doesNotExist(error) && !/ChangeSetNotFound/.test(nameOf(error))) throw error;
      });
  }

  /** @param settings those that the change set was created with */
  async executeChangeSet(changeSet: ChangeSetPlace & { readonly name: string }, settings: DeploymentSettings) {
    const { id, stackId, name: token } = changeSet;
    const operation: StackOperation = { stackId, token, startedAt: this.clock.now() };
    // In express mode, the change set says it.
    const rollback = settings.mode === 'standard' && { DisableRollback: !rollsBack(settings) };
    const input = { ChangeSetName: id, StackName: stackId, ClientRequestToken: token, ...rollback };
    try {
      await this.#requests.send((sdk) => new sdk.ExecuteChangeSetCommand(input));
    } catch (error) {
      // After a lost answer the change set is executing or executed, or so done with that it is gone.
      if (!/InvalidChangeSetStatus|ChangeSetNotFound|TokenAlreadyExists/.test(nameOf(error))) throw error;
      if (!(await this.#wasExecuted(changeSet))) throw error;
    }
    return operation;
  }

  async #wasExecuted(changeSet: ChangeSetPlace): Promise<boolean> {
    const found = await this.describeChangeSet(changeSet).catch(() => undefined);
    if (found) return /^EXECUTE_/.test(found.executionStatus);
    return (await this.describe(changeSet.stackId))?.changeSetId === changeSet.id;
  }

  /** Starts an operation that has no change set. @param mode of a deletion; the others have none but standard */
  async start(
    action: 'delete' | 'roll-back' | 'continue-rollback',
    stackId: string,
    roleArn: string | undefined,
    mode: DeploymentMode = 'standard',
  ): Promise<StackOperation> {
    const startedAt = this.clock.now();
    const token = operationToken(action, stackId, startedAt);
    const input = { StackName: stackId, ClientRequestToken: token, RoleARN: roleArn };
    const requests = {
      delete: (sdk: typeof Sdk) =>
        new sdk.DeleteStackCommand({ ...input, DeploymentConfig: deploymentConfig({ mode }) }),
      'roll-back': (sdk: typeof Sdk) => new sdk.RollbackStackCommand(input),
      'continue-rollback': (sdk: typeof Sdk) => new sdk.ContinueUpdateRollbackCommand(input),
    };
    await this.#requests.send(requests[action]).catch((error: unknown) => {
      if (nameOf(error) !== 'TokenAlreadyExistsException') throw error;
    });
    return { stackId, token, startedAt };
  }

  async setTerminationProtection(stackName: string, enabled: boolean): Promise<void> {
    const input = { StackName: stackName, EnableTerminationProtection: enabled };
    await this.#requests.send((sdk) => new sdk.UpdateTerminationProtectionCommand(input));
  }

  /** What CloudFormation found wrong with a change set, or with a stack, before it changed anything. */
  async validationErrors(
    of: { readonly ChangeSetName: string } | { readonly StackName: string },
  ): Promise<Sdk.OperationEvent[]> {
    const input = { ...of, Filters: { FailedEvents: true } };
    const answer = await this.#requests.send((sdk) => new sdk.DescribeEventsCommand(input));
    return (answer.OperationEvents ?? []).filter((event) => event.EventType === 'VALIDATION_ERROR');
  }

  /** One page of the events of a stack, newest first. */
  async events(stackId: string, token?: string): Promise<{ events: Sdk.StackEvent[]; next: string | undefined }> {
    const input = { StackName: stackId, NextToken: token };
    const answer = await this.#requests.read((sdk) => new sdk.DescribeStackEventsCommand(input));
    return { events: answer.StackEvents ?? [], next: answer.NextToken || undefined };
  }

  /** The newest events of a stack, for the display: asked for once, and given up when the signal fires. */
  async latestEvents(stackId: string, signal: AbortSignal): Promise<Sdk.StackEvent[]> {
    const answer = await this.#requests.send(
      (sdk) => new sdk.DescribeStackEventsCommand({ StackName: stackId }),
      signal,
    );
    return answer.StackEvents ?? [];
  }
}

/** The error's name, such as `ValidationError`. */
export function nameOf(error: unknown): string {
  return (error as { name?: string } | undefined)?.name ?? '';
}

/** CloudFormation has no error of its own for a missing stack, only this sentence. */
function doesNotExist(error: unknown): boolean {
  return nameOf(error) === 'ValidationError' && /does not exist/.test((error as Error).message);
}
