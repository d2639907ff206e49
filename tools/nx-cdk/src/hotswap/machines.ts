import type { AwsClients, Session } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';

/** The state machines of one target, with the hotswap role. They are named by their ARNs. */
export class StateMachines {
  readonly #aws: AwsClients;
  readonly #session: Session;

  constructor(aws: AwsClients, session: Session) {
    this.#aws = aws;
    this.#session = session;
  }

  /** What a state machine does now, in the Amazon States Language. */
  async definitionOf(arn: string): Promise<string> {
    const { DescribeStateMachineCommand } = await import('@aws-sdk/client-sfn');
    const client = await this.#aws.stepFunctions(this.#session);
    const { definition = '' } = await client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    return definition;
  }

  /**
   * Gives a state machine another definition. Executions that run already go on with theirs; those that begin in the
   * next seconds may still have it
   * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html).
   *
   * @throws Failure `HotswapFailed` with what is wrong with the definition
   */
  async define(arn: string, definition: string): Promise<void> {
    const { InvalidDefinition, UpdateStateMachineCommand } = await import('@aws-sdk/client-sfn');
    const client = await this.#aws.stepFunctions(this.#session);
    try {
      await client.send(new UpdateStateMachineCommand({ stateMachineArn: arn, definition }));
    } catch (error) {
      if (!(error instanceof InvalidDefinition)) throw error;
      const { account, region } = this.#session;
      const why = error.message.replace(/\s+/g, ' ').replace(/\.$/, '');
      const what = `the definition of state machine ${arn.split(':').at(-1)!} was not replaced: ${why}`;
      const next = 'correct it and save again';
      throw new Failure('HotswapFailed', { what, where: `${account}/${region}`, next }, { cause: error });
    }
  }
}
