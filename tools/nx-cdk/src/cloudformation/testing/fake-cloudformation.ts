import { admissionOf, type AwsClients } from '../../aws/index.ts';
import type { Clock } from '../clock.ts';
import { FakeDrift } from './fake-drift.ts';
import { FakeRefactors } from './fake-refactors.ts';
import { error, exportsOf, type FakeChangeSet, type FakeStack, type Input } from './fake-stack.ts';
import { eventsOfFailure, hasFailedInExpressMode } from './failures.ts';

/** How long an operation takes, in milliseconds. */
const DURATION = 30_000;

/**
 * As much of CloudFormation as the engine uses, for what a real one cannot be made to do on purpose: stacks that are
 * stuck, answers that get lost, reads that lag behind. Stands in for the SDK client: `send` takes the SDK's commands.
 */
export class FakeCloudFormation {
  readonly stacks = new Map<string, FakeStack>();
  /** Names of the calls, in order. */
  readonly calls: string[] = [];
  /**
   * Final statuses that operations end in, by `<action> <stack name>`, used up one by one; without one, operations
   * succeed.
   */
  readonly endings = new Map<string, string[]>();
  /** Why a stack is rolled back, where no resource has failed, by its name. */
  readonly rollbackReasons = new Map<string, string>();
  /** What DescribeStacks says besides the status, by the name of a stack. */
  readonly statusReasons = new Map<string, string>();
  /** Called before each call; throws what the call shall fail with, or keeps its answer back. */
  intercept: (action: string, input: Input) => void | Promise<void> = () => {};
  /** Actions of which the first answer gets lost, so that the SDK sends the request a second time. */
  readonly losing = new Set<string>();
  /** How many stacks a page of DescribeStacks has. */
  pageSize = 100;
  /** Milliseconds that DescribeStacks lags behind. */
  lag = 0;
  /** Whether every template in a change set equals the deployed one. */
  emptyChangeSets = false;
  /** What change sets would change, in the words of DescribeChangeSet. @default - a queue is added */
  resourceChanges: object[] = [{ Action: 'Add', LogicalResourceId: 'Queue', ResourceType: 'AWS::SQS::Queue' }];
  /** Why change sets fail. @default - they do not */
  changeSetRefusal: string | undefined;
  /** What DescribeEvents finds wrong with a change set. */
  validationErrors: object[] = [];
  /** What is found at a `TemplateURL`. */
  readonly objects = new Map<string | undefined, string>();
  readonly drift = new FakeDrift();
  readonly refactors = new FakeRefactors(this.stacks);
  readonly #changeSets: FakeChangeSet[] = [];
  readonly #history: { at: number; name: string; stack: FakeStack }[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A client pool that gives this fake to every session. */
  aws(): AwsClients {
    const client = { send: (command: { constructor: { name: string }; input: Input }) => this.#send(command) };
    const place = { account: '111111111111', region: 'eu-west-1', partition: 'aws' };
    const caller = { ...place, arn: 'arn:aws:iam::111111111111:user/test' };
    return {
      admission: admissionOf(),
      caller: async () => caller,
      cloudFormation: async () => client,
      destroy: () => {},
    } as unknown as AwsClients;
  }

  put(name: string, status: string, more: Partial<FakeStack> = {}): FakeStack {
    const id = `arn:aws:cloudformation:eu-west-1:111111111111:stack/${name}/${this.stacks.size + this.calls.length}`;
    const stack = {
      id,
      name,
      status,
      updatedAt: this.#clock.now() - 3600_000,
      template: '{}',
      tags: [],
      terminationProtection: false,
      ...more,
    };
    this.stacks.set(name, stack);
    return stack;
  }

  async #send(command: { constructor: { name: string }; input: Input }): Promise<unknown> {
    const action = command.constructor.name.replace(/Command$/, '');
    this.calls.push(action);
    await this.intercept(action, command.input);
    const place = [this.drift, this.refactors].find((one) => `_${action}` in one) ?? this;
    const method = (place as unknown as Record<string, (input: Input) => unknown>)[`_${action}`];
    if (!method) throw new Error(`The fake has no ${action}`);
    this.#settle();
    if (this.losing.delete(action)) {
      method.call(place, command.input);
      this.calls.push(action);
    }
    return structuredClone(method.call(place, command.input));
  }

  #settle(): void {
    for (const stack of this.stacks.values()) {
      if (!stack.next || stack.next.at > this.#clock.now()) continue;
      this.#remember(stack);
      stack.status = stack.next.status;
      stack.next = undefined;
      if (stack.status === 'DELETE_COMPLETE') this.stacks.delete(stack.name);
    }
  }

  #remember(stack: FakeStack): void {
    this.#history.push({ at: this.#clock.now(), name: stack.name, stack: { ...stack } });
  }

  /** The stack as a lagging reader sees it. */
  #seen(stack: FakeStack): FakeStack {
    const since = this.#clock.now() - this.lag;
    return (
      this.#history.find((entry) => entry.name === stack.name && entry.stack.id === stack.id && entry.at > since)
        ?.stack ?? stack
    );
  }

  #find(nameOrId: string): FakeStack {
    const stack = this.stacks.get(nameOrId) ?? [...this.stacks.values()].find(({ id }) => id === nameOrId);
    if (!stack || (stack.status === 'DELETE_COMPLETE' && stack.id !== nameOrId))
      throw error('ValidationError', `Stack with id ${nameOrId} does not exist`);
    return stack;
  }

  #operate(stack: FakeStack, action: string, moving: string, success: string, token: string): void {
    this.#remember(stack);
    stack.status = moving;
    stack.updatedAt = this.#clock.now();
    stack.token = token;
    const ending = this.endings.get(`${action} ${stack.name}`)?.shift() ?? success;
    stack.next = { at: this.#clock.now() + DURATION, status: ending };
  }

  _DescribeStacks({ StackName, NextToken = '0' }: Input): unknown {
    const first = Number(NextToken);
    const found = StackName
      ? [this.#find(StackName)]
      : [...this.stacks.values()].filter(({ status }) => status !== 'DELETE_COMPLETE');
    const next = first + this.pageSize;
    const Stacks = found.slice(first, next).map((real) => {
      const stack = this.#seen(real);
      return {
        StackName: stack.name,
        StackId: stack.id,
        StackStatus: stack.status,
        StackStatusReason: this.statusReasons.get(stack.name),
        ChangeSetId: stack.changeSetId,
        LastUpdatedTime: new Date(stack.updatedAt),
        Tags: stack.tags,
        EnableTerminationProtection: stack.terminationProtection,
        DeploymentConfig: stack.deploymentConfig,
        RollbackConfiguration: stack.rollbackConfiguration,
        Outputs: exportsOf(stack).map(([OutputKey, ExportName]) => ({ OutputKey, ExportName })),
        RoleARN: stack.roleArn,
        ParentId: stack.parentId,
      };
    });
    return { Stacks, ...(next < found.length && { NextToken: String(next) }) };
  }

  _GetTemplate(input: Input): unknown {
    return { TemplateBody: (input.ChangeSetName ? this.#changeSet(input) : this.#find(input.StackName)).template };
  }

  _CreateChangeSet(input: Input): unknown {
    const { StackName, ChangeSetName, ChangeSetType, TemplateBody, TemplateURL, DeploymentConfig } = input;
    if (this.#changeSets.some(({ id }) => id.split('/')[1] === ChangeSetName))
      throw error('AlreadyExistsException', 'exists already');
    let stack = this.stacks.get(StackName);
    if (stack?.status === 'DELETE_COMPLETE') stack = undefined;
    if (ChangeSetType === 'CREATE') {
      if (stack && stack.status !== 'REVIEW_IN_PROGRESS')
        throw error('AlreadyExistsException', `Stack [${StackName}] already exists`);
      stack ??= this.put(StackName, 'REVIEW_IN_PROGRESS');
    } else {
      stack = this.#find(StackName);
      if (
        !/^((CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE|(CREATE|UPDATE)_FAILED)$/.test(stack.status)
      ) {
        throw error('ValidationError', `Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
      }
      if (
        hasFailedInExpressMode(stack) &&
        (DeploymentConfig?.Mode !== 'EXPRESS' || DeploymentConfig.DisableRollback === false)
      ) {
        throw error('ValidationError', 'Follow-up operations must use the same DeploymentConfig (mode=EXPRESS)');
      }
    }
    const id = `arn:aws:cloudformation:eu-west-1:111111111111:changeSet/${ChangeSetName}/uuid`;
    const template = TemplateBody ?? this.objects.get(TemplateURL);
    if (template === undefined) throw error('ValidationError', 'S3 error: The specified key does not exist.');
    this.#changeSets.push({
      id,
      stack,
      template,
      empty: this.emptyChangeSets,
      executed: false,
      deploymentConfig: DeploymentConfig,
      rollbackConfiguration: input.RollbackConfiguration,
    });
    return { Id: id, StackId: stack.id };
  }

  #changeSet({ ChangeSetName }: Input): FakeChangeSet {
    const found = this.#changeSets.find(({ id }) => id === ChangeSetName || id.split('/')[1] === ChangeSetName);
    if (!found) throw error('ChangeSetNotFound', `ChangeSet [${ChangeSetName}] does not exist`);
    return found;
  }

  _DescribeChangeSet(input: Input): unknown {
    const { id, stack, empty, executed } = this.#changeSet(input);
    if (this.changeSetRefusal) return { Status: 'FAILED', StatusReason: this.changeSetRefusal };
    const StatusReason =
      "The submitted information didn't contain changes. Submit different information to create a change set.";
    if (empty) return { ChangeSetId: id, StackId: stack.id, Status: 'FAILED', StatusReason, Changes: [] };
    const Changes = this.resourceChanges.map((ResourceChange) => ({ ResourceChange }));
    return {
      ChangeSetId: id,
      StackId: stack.id,
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: executed ? 'EXECUTE_IN_PROGRESS' : 'AVAILABLE',
      Changes,
    };
  }

  _DescribeEvents(): unknown {
    return { OperationEvents: this.validationErrors };
  }

  _DeleteChangeSet(input: Input): unknown {
    this.#changeSets.splice(this.#changeSets.indexOf(this.#changeSet(input)), 1);
    return {};
  }

  _ExecuteChangeSet(input: Input): unknown {
    const changeSet = this.#changeSet(input);
    if (changeSet.executed) throw error('InvalidChangeSetStatus', 'cannot be executed in its current execution status');
    const { stack } = changeSet;
    const kind = stack.status === 'REVIEW_IN_PROGRESS' ? 'CREATE' : 'UPDATE';
    changeSet.executed = true;
    this.#operate(stack, 'execute', `${kind}_IN_PROGRESS`, `${kind}_COMPLETE`, input.ClientRequestToken);
    stack.changeSetId = changeSet.id;
    stack.deploymentConfig = changeSet.deploymentConfig;
    stack.rollbackConfiguration = changeSet.rollbackConfiguration ?? stack.rollbackConfiguration;
    if (stack.next?.status.endsWith(`${kind}_COMPLETE`)) stack.template = changeSet.template;
    return {};
  }

  _ListImports({ ExportName = '' }: Input): unknown {
    const Imports = this.#importers(ExportName);
    if (Imports.length === 0) throw error('ValidationError', `Export '${ExportName}' is not imported by any stack.`);
    return { Imports };
  }

  #importers(exportName: string): string[] {
    const imported = JSON.stringify({ 'Fn::ImportValue': exportName });
    return [...this.stacks.values()].filter(({ template }) => template.includes(imported)).map(({ name }) => name);
  }

  _DeleteStack({ StackName, ClientRequestToken }: Input): unknown {
    const inUse = exportsOf(this.#find(StackName)).find(([, name]) => this.#importers(name).length > 0);
    if (inUse !== undefined) throw error('ValidationError', `Export ${inUse[1]} cannot be deleted as it is in use`);
    this.#operate(this.#find(StackName), 'delete', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE', ClientRequestToken);
    return {};
  }

  _RollbackStack(input: Input): unknown {
    if (hasFailedInExpressMode(this.#find(input.StackName))) {
      throw error('ValidationError', 'RollbackStack is not supported for stacks that were last updated using EXPRESS');
    }
    return this.#rollBack('roll back', input);
  }

  _ContinueUpdateRollback(input: Input): unknown {
    return this.#rollBack('continue', input);
  }

  #rollBack(action: string, { StackName, ClientRequestToken: token }: Input): unknown {
    this.#operate(this.#find(StackName), action, 'UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE', token);
    return {};
  }

  _UpdateTerminationProtection({ StackName, EnableTerminationProtection }: Input): unknown {
    this.#find(StackName).terminationProtection = EnableTerminationProtection;
    return {};
  }

  _DescribeStackEvents({ StackName }: Input): unknown {
    const [stack, now] = [this.#find(StackName), new Date(this.#clock.now())];
    return { StackEvents: eventsOfFailure(stack, now, this.rollbackReasons.get(stack.name)) };
  }
}
