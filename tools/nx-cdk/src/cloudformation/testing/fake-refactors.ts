import type * as Sdk from '@aws-sdk/client-cloudformation';
import { error, type FakeStack } from './fake-stack.ts';

/** A refactoring of the fake. */
interface FakeRefactor {
  readonly id: string;
  readonly input: Sdk.CreateStackRefactorInput;
  status: string;
  execution: string;
}

/** What the fake knows of stack refactorings, which the local AWS has none of. */
export class FakeRefactors {
  /** Those that were asked for. */
  readonly created: FakeRefactor[] = [];
  /** Why CloudFormation refuses them. @default - it does not */
  refusal: string | undefined;
  /** What an execution ends in. */
  ending = 'EXECUTE_COMPLETE';
  /** What CloudFormation would do besides. */
  more: Sdk.StackRefactorAction[] = [];
  readonly #stacks: ReadonlyMap<string, FakeStack>;

  constructor(stacks: ReadonlyMap<string, FakeStack>) {
    this.#stacks = stacks;
  }

  _CreateStackRefactor(input: Sdk.CreateStackRefactorInput): Sdk.CreateStackRefactorOutput {
    const id = `refactor-${this.created.length + 1}`;
    this.created.push({ id, input, status: 'CREATE_IN_PROGRESS', execution: 'UNAVAILABLE' });
    return { StackRefactorId: id };
  }

  _DescribeStackRefactor({ StackRefactorId }: Sdk.DescribeStackRefactorInput): object {
    const one = this.#find(StackRefactorId);
    const seen = { Status: one.status, ExecutionStatus: one.execution, StatusReason: this.refusal };
    if (one.status === 'CREATE_IN_PROGRESS') {
      one.status = this.refusal === undefined ? 'CREATE_COMPLETE' : 'CREATE_FAILED';
      one.execution = this.refusal === undefined ? 'AVAILABLE' : 'UNAVAILABLE';
    }
    if (one.execution === 'EXECUTE_IN_PROGRESS') {
      one.execution = this.ending;
      if (this.ending === 'EXECUTE_COMPLETE') this.#carryOut(one);
    }
    return { ...seen, ExecutionStatusReason: 'the fake says so.' };
  }

  _ListStackRefactorActions({ StackRefactorId }: Sdk.ListStackRefactorActionsInput): object {
    const { ResourceMappings = [] } = this.#find(StackRefactorId).input;
    const moves = ResourceMappings.map((ResourceMapping) => ({ Action: 'MOVE', Entity: 'RESOURCE', ResourceMapping }));
    return { StackRefactorActions: [...moves, ...this.more] };
  }

  _ExecuteStackRefactor({ StackRefactorId }: Sdk.ExecuteStackRefactorInput): object {
    const one = this.#find(StackRefactorId);
    if (one.execution !== 'AVAILABLE') throw error('ValidationError', `${one.id} is ${one.execution}`);
    one.execution = 'EXECUTE_IN_PROGRESS';
    return {};
  }

  #carryOut({ input }: FakeRefactor): void {
    for (const { StackName = '', TemplateBody = '' } of input.StackDefinitions ?? []) {
      Object.assign(this.#stacks.get(StackName)!, { template: TemplateBody, status: 'UPDATE_COMPLETE' });
    }
  }

  #find(id: string | undefined): FakeRefactor {
    const found = this.created.find((one) => one.id === id);
    if (found === undefined) throw error('StackRefactorNotFoundException', `${id} does not exist`);
    return found;
  }
}
