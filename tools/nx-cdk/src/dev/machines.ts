import { targetName } from '@nx-cdk/environments';
import type { AssemblyStack } from '../assembly/index.ts';
import { type AwsClients, type ResolvedTarget, resolveTarget, type Session } from '../aws/index.ts';
import { identityOfDefinition, machinesOf, parseTemplate, StateMachines } from '../hotswap/index.ts';

/** A state machine of a stack, and what it does. Definitions are compared by their identity. */
export interface DevMachine {
  readonly stackId: string;
  readonly logicalId: string;
  readonly arn: string;
  readonly target: ResolvedTarget;
  /** What the app wants it to do. */
  wanted: string;
  /** What it does. */
  running: string;
  /** What CloudFormation has given it. */
  readonly deployed: string;
}

/** The state machines of the environment, and what brings definitions to them. */
export class DevMachines {
  readonly #aws: AwsClients;
  readonly #sessionIn: (target: ResolvedTarget) => Session;
  readonly #clients = new Map<string, StateMachines>();

  /** @param sessionIn the session of the hotswap role in a target */
  constructor(aws: AwsClients, sessionIn: (target: ResolvedTarget) => Session) {
    this.#aws = aws;
    this.#sessionIn = sessionIn;
  }

  /** The state machines of a stack that CloudFormation has just been brought to a template. */
  async of(stack: AssemblyStack, template: string, names: ReadonlyMap<string, string>): Promise<DevMachine[]> {
    const target = await resolveTarget(this.#aws, stack.target);
    const found = [...(await this.definitions(stack, template, names))];
    return Promise.all(
      found.flatMap(([logicalId, wanted]) => {
        const arn = names.get(logicalId);
        return arn === undefined ? [] : [this.#one({ stackId: stack.id, logicalId, arn, target, wanted })];
      }),
    );
  }

  /** What a template gives the state machines of its stack, as far as a hotswap can bring it; by logical id. */
  async definitions(
    stack: AssemblyStack,
    template: string,
    names: ReadonlyMap<string, string>,
  ): Promise<Map<string, string>> {
    const target = await resolveTarget(this.#aws, stack.target);
    const around = { target, stackName: stack.stackName, template: parseTemplate(template), names };
    return new Map(machinesOf(stack, around).map(({ logicalId, definition }) => [logicalId, definition]));
  }

  isOutdated({ wanted, running }: DevMachine): boolean {
    return identityOfDefinition(wanted) !== running;
  }

  async bring(one: DevMachine): Promise<void> {
    await this.#in(one.target).define(one.arn, one.wanted);
    one.running = identityOfDefinition(one.wanted);
  }

  async #one(known: Pick<DevMachine, 'stackId' | 'logicalId' | 'arn' | 'target' | 'wanted'>): Promise<DevMachine> {
    const running = identityOfDefinition(await this.#in(known.target).definitionOf(known.arn));
    return { ...known, running, deployed: identityOfDefinition(known.wanted) };
  }

  #in(target: ResolvedTarget): StateMachines {
    const key = targetName(target);
    const found = this.#clients.get(key) ?? new StateMachines(this.#aws, this.#sessionIn(target));
    this.#clients.set(key, found);
    return found;
  }
}
