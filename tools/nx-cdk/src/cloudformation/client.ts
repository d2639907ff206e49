import type {
  Change,
  CloudFormationClient,
  CreateChangeSetCommandInput,
  OperationEvent,
  Stack,
  StackEvent,
} from '@aws-sdk/client-cloudformation';
import type * as Sdk from '@aws-sdk/client-cloudformation';
import type { AwsClients, Session } from '../aws/index.ts';
import type { Clock } from './clock.ts';
import { persistently } from './transient.ts';

/** What a run remembers of a stack that CloudFormation described: nothing bulky, there may be thousands. */
export interface DescribedStack {
  readonly name: string;
  readonly id: string;
  readonly status: string;
  readonly statusReason?: string;
  /** The change set that was executed last, as far as CloudFormation says so. */
  readonly changeSetId?: string;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly roleArn?: string;
  readonly notificationArns: readonly string[];
  readonly terminationProtection: boolean;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface DescribedChangeSet {
  readonly status: string;
  readonly statusReason: string;
  readonly executionStatus: string;
  readonly changes: readonly Change[];
}

/**
 * The CloudFormation calls that the deploy role of the CDK bootstrap template may make
 * (https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml), no others.
 *
 * Every call that changes something may be sent twice, because an answer can get lost and the SDK asks again. Each
 * carries a token or a name of its own, and if CloudFormation answers that the first one has already been carried out,
 * that counts as success.
 */
export class CloudFormation {
  readonly clock: Clock;
  readonly #aws: AwsClients;
  readonly #session: Session;

  constructor(aws: AwsClients, session: Session, clock: Clock) {
    this.#aws = aws;
    this.#session = session;
    this.clock = clock;
  }

  /** A stack by name or id; undefined if there is none. A deleted one is found by its id only. */
  async describe(nameOrId: string): Promise<DescribedStack | undefined> {
    try {
      const answer = await this.#read((client, sdk) =>
        client.send(new sdk.DescribeStacksCommand({ StackName: nameOrId })),
      );
      const stack = answer.Stacks?.[0];
      return stack && described(stack);
    } catch (error) {
      if (doesNotExist(error)) return undefined;
      throw error;
    }
  }

  /** One page of all stacks of the account and region; deleted ones are not among them. */
  async describePage(token: string | undefined): Promise<{ stacks: DescribedStack[]; next: string | undefined }> {
    const answer = await this.#read((client, sdk) => client.send(new sdk.DescribeStacksCommand({ NextToken: token })));
    return { stacks: (answer.Stacks ?? []).map(described), next: answer.NextToken || undefined };
  }

  /** The template as it was sent, macros not expanded. */
  async originalTemplate(stackId: string): Promise<string> {
    const answer = await this.#read((client, sdk) =>
      client.send(new sdk.GetTemplateCommand({ StackName: stackId, TemplateStage: 'Original' })),
    );
    return answer.TemplateBody ?? '';
  }

  /** Creates a change set; ends before CloudFormation has worked it out. Returns where to find it. */
  async createChangeSet(input: CreateChangeSetCommandInput): Promise<{ changeSet: string; stack: string }> {
    const { ChangeSetName, StackName } = input;
    const { client, sdk } = await this.#connect();
    try {
      const answer = await client.send(new sdk.CreateChangeSetCommand(input));
      return { changeSet: answer.Id ?? ChangeSetName!, stack: answer.StackId ?? StackName! };
    } catch (error) {
      // The name is new with every attempt: a change set that has it is the one whose answer got lost.
      if (nameOf(error) !== 'AlreadyExistsException') throw error;
      const found = await client
        .send(new sdk.DescribeChangeSetCommand({ ChangeSetName, StackName }))
        .catch(() => undefined);
      if (!found?.ChangeSetId) throw error;
      return { changeSet: found.ChangeSetId, stack: found.StackId ?? StackName! };
    }
  }

  /** Status of a change set and, once it is complete, everything that it would change. */
  async describeChangeSet(changeSet: string, stack: string): Promise<DescribedChangeSet> {
    // The values of properties are asked for because of their paths; they go no further than this answer.
    const input = { ChangeSetName: changeSet, StackName: stack, IncludePropertyValues: true };
    const changes: Change[] = [];
    for (let token: string | undefined; ;) {
      const answer = await this.#read((client, sdk) =>
        client.send(new sdk.DescribeChangeSetCommand({ ...input, NextToken: token })),
      );
      changes.push(...(answer.Changes ?? []));
      token = answer.NextToken || undefined;
      if (token && answer.Status === 'CREATE_COMPLETE') continue;
      return {
        status: answer.Status ?? '',
        statusReason: answer.StatusReason ?? '',
        executionStatus: answer.ExecutionStatus ?? '',
        changes,
      };
    }
  }

  async deleteChangeSet(changeSet: string, stack: string): Promise<void> {
    const { client, sdk } = await this.#connect();
    await client
      .send(new sdk.DeleteChangeSetCommand({ ChangeSetName: changeSet, StackName: stack }))
      .catch((error: unknown) => {
        if (!doesNotExist(error) && !/ChangeSetNotFound/.test(nameOf(error))) throw error;
      });
  }

  async executeChangeSet(changeSet: string, stack: string, token: string, rollback: boolean): Promise<void> {
    const input = { ChangeSetName: changeSet, StackName: stack, ClientRequestToken: token, DisableRollback: !rollback };
    const { client, sdk } = await this.#connect();
    try {
      await client.send(new sdk.ExecuteChangeSetCommand(input));
    } catch (error) {
      // After a lost answer the change set is executing or executed, or so done with that it is gone.
      if (!/InvalidChangeSetStatus|ChangeSetNotFound|TokenAlreadyExists/.test(nameOf(error))) throw error;
      if (!(await this.#wasExecuted(changeSet, stack))) throw error;
    }
  }

  async #wasExecuted(changeSet: string, stack: string): Promise<boolean> {
    const found = await this.describeChangeSet(changeSet, stack).catch(() => undefined);
    if (found) return /^EXECUTE_/.test(found.executionStatus);
    return (await this.describe(stack))?.changeSetId === changeSet;
  }

  async deleteStack(stackId: string, token: string, roleArn: string | undefined): Promise<void> {
    const { client, sdk } = await this.#connect();
    const input = { StackName: stackId, ClientRequestToken: token, RoleARN: roleArn };
    await client.send(new sdk.DeleteStackCommand(input)).catch(done);
  }

  async rollBack(stackId: string, token: string, roleArn: string | undefined): Promise<void> {
    const { client, sdk } = await this.#connect();
    const input = { StackName: stackId, ClientRequestToken: token, RoleARN: roleArn };
    await client.send(new sdk.RollbackStackCommand(input)).catch(done);
  }

  async continueRollback(stackId: string, token: string, roleArn: string | undefined): Promise<void> {
    const { client, sdk } = await this.#connect();
    const input = { StackName: stackId, ClientRequestToken: token, RoleARN: roleArn };
    await client.send(new sdk.ContinueUpdateRollbackCommand(input)).catch(done);
  }

  async setTerminationProtection(stackName: string, enabled: boolean): Promise<void> {
    const { client, sdk } = await this.#connect();
    const input = { StackName: stackName, EnableTerminationProtection: enabled };
    await client.send(new sdk.UpdateTerminationProtectionCommand(input));
  }

  /** What CloudFormation found wrong with a change set before it would execute it. */
  async validationErrors(changeSet: string): Promise<OperationEvent[]> {
    const { client, sdk } = await this.#connect();
    const answer = await client.send(
      new sdk.DescribeEventsCommand({ ChangeSetName: changeSet, Filters: { FailedEvents: true } }),
    );
    return (answer.OperationEvents ?? []).filter((event) => event.EventType === 'VALIDATION_ERROR');
  }

  /** One page of the events of a stack, newest first. */
  async events(stackId: string, token?: string): Promise<{ events: StackEvent[]; next: string | undefined }> {
    const answer = await this.#read((client, sdk) =>
      client.send(new sdk.DescribeStackEventsCommand({ StackName: stackId, NextToken: token })),
    );
    return { events: answer.StackEvents ?? [], next: answer.NextToken || undefined };
  }

  /** Sends a request that changes nothing, again and again if need be. */
  async #read<T>(send: (client: CloudFormationClient, sdk: typeof Sdk) => Promise<T>): Promise<T> {
    const { client, sdk } = await this.#connect();
    return persistently(this.clock, () => send(client, sdk));
  }

  // Imported on first use: a run that has nothing to ask does not pay for the SDK.
  async #connect(): Promise<{ client: CloudFormationClient; sdk: typeof Sdk }> {
    const [client, sdk] = await Promise.all([
      this.#aws.cloudFormation(this.#session),
      import('@aws-sdk/client-cloudformation'),
    ]);
    return { client, sdk };
  }
}

/** The error's name, such as `ValidationError`. */
export function nameOf(error: unknown): string {
  return (error as { name?: string } | undefined)?.name ?? '';
}

function done(error: unknown): void {
  if (nameOf(error) !== 'TokenAlreadyExistsException') throw error;
}

/** CloudFormation has no error of its own for a missing stack, only this sentence. */
function doesNotExist(error: unknown): boolean {
  return nameOf(error) === 'ValidationError' && /does not exist/.test((error as Error).message);
}

function described(stack: Stack): DescribedStack {
  return {
    name: stack.StackName ?? '',
    id: stack.StackId ?? '',
    status: stack.StackStatus ?? '',
    statusReason: stack.StackStatusReason || undefined,
    changeSetId: stack.ChangeSetId || undefined,
    updatedAt: (stack.LastUpdatedTime ?? stack.CreationTime)?.getTime() ?? 0,
    parameters: Object.fromEntries((stack.Parameters ?? []).map((p) => [p.ParameterKey ?? '', p.ParameterValue ?? ''])),
    tags: Object.fromEntries((stack.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
    roleArn: stack.RoleARN || undefined,
    notificationArns: stack.NotificationARNs ?? [],
    terminationProtection: stack.EnableTerminationProtection ?? false,
    outputs: Object.fromEntries((stack.Outputs ?? []).map((o) => [o.OutputKey ?? '', o.OutputValue ?? ''])),
  };
}
