import type * as Sdk from '@aws-sdk/client-cloudformation';
import type { AwsClients, Session } from '../aws/index.ts';
import type { Clock } from './clock.ts';
import { Requests } from './requests.ts';

/** Waits between two looks, in milliseconds; the last one stays. */
const DELAYS = [1_000, 2_000, 5_000];

/** A stack refactoring of CloudFormation, worked out and not executed. */
export interface CreatedRefactor {
  readonly id: string;
  /** What it would do. */
  readonly actions: readonly Sdk.StackRefactorAction[];
}

/** How far a stack refactoring has come. */
export interface RefactorState {
  readonly status: string;
  readonly reason: string;
}

/**
 * The calls about stack refactorings, which the deploy role of the CDK bootstrap template may make since version 28
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html).
 */
export class StackRefactors {
  readonly #requests: Requests;
  readonly #clock: Clock;

  constructor(aws: AwsClients, session: Session, clock: Clock) {
    this.#requests = new Requests(aws, session, clock);
    this.#clock = clock;
  }

  /**
   * Has CloudFormation work a refactoring out. If an answer gets lost, there are two: nobody executes the other one.
   *
   * @returns a state with the reason if CloudFormation refuses it
   */
  async create(input: Sdk.CreateStackRefactorInput): Promise<CreatedRefactor | RefactorState> {
    const { StackRefactorId: id = '' } = await this.#requests.send((sdk) => new sdk.CreateStackRefactorCommand(input));
    const { Status: status = '', StatusReason: reason = '' } = await this.#until(
      id,
      ({ Status }) => Status !== 'CREATE_IN_PROGRESS',
    );
    if (status !== 'CREATE_COMPLETE') return { status, reason };
    const actions = await this.#requests.readAll(
      (sdk, NextToken) => new sdk.ListStackRefactorActionsCommand({ StackRefactorId: id, NextToken }),
      ({ StackRefactorActions }) => StackRefactorActions,
    );
    return { id, actions };
  }

  /** Executes a refactoring, and follows it to the end. */
  async execute(id: string): Promise<RefactorState> {
    const input = { StackRefactorId: id };
    try {
      await this.#requests.send((sdk) => new sdk.ExecuteStackRefactorCommand(input));
    } catch (error) {
      // After a lost answer, it is executing or executed.
      const { ExecutionStatus = '' } = await this.#describe(id).catch(() => ({ ExecutionStatus: '' }));
      if (!/^(EXECUTE|ROLLBACK)_/.test(ExecutionStatus)) throw error;
    }
    const ended = await this.#until(
      id,
      ({ ExecutionStatus = '' }) => !/^(AVAILABLE|EXECUTE_IN_PROGRESS|ROLLBACK_IN_PROGRESS)$/.test(ExecutionStatus),
    );
    return { status: ended.ExecutionStatus ?? '', reason: ended.ExecutionStatusReason ?? '' };
  }

  async #describe(id: string): Promise<Sdk.DescribeStackRefactorOutput> {
    return this.#requests.read((sdk) => new sdk.DescribeStackRefactorCommand({ StackRefactorId: id }));
  }

  async #until(
    id: string,
    isOver: (state: Sdk.DescribeStackRefactorOutput) => boolean,
  ): Promise<Sdk.DescribeStackRefactorOutput> {
    for (let step = 0; ; step += 1) {
      await this.#clock.sleep(DELAYS[Math.min(step, DELAYS.length - 1)]!);
      const state = await this.#describe(id);
      if (isOver(state)) return state;
    }
  }
}
