import type { ResourceStatus, StackEvent } from '@aws-sdk/client-cloudformation';
import { type Environments, parseEnvironments } from '@nx-cdk/environments';
import type { AwsClients, Session } from '../../aws/index.ts';
import { changeSetName, stackOwner } from '../../cloudformation/index.ts';
import { FakeCloudFormation } from '../../cloudformation/testing/fake-cloudformation.ts';
import { VirtualClock } from '../../cloudformation/testing/virtual-clock.ts';
import { indexKey } from '../../release/index.ts';
import { recordKey } from '../../release/record.ts';
import { FakeAccount } from '../../release/testing/fake-account.ts';

export const OWNER = stackOwner('acme', 'infra');
export const COMMIT = 'c0ffee'.repeat(7).slice(0, 40);

/** The digest of the release with a number, which its first digits say. */
export const digest = (number: number) => `${String(number).padStart(12, '0')}${'ab'.repeat(26)}`;

export const STAGING = '111111111111/eu-west-1';
export const PROD = '222222222222/eu-west-1';
export const PROD_US = '222222222222/us-east-1';

interface Account {
  readonly objects: FakeAccount;
  readonly stacks: FakeCloudFormation;
}

/** Two environments, the second with two targets, in memory. The real ones are in tests/engines. */
export class TwoEnvironments {
  readonly clock = new VirtualClock();
  readonly file: Environments = parseEnvironments(
    JSON.stringify({
      ci: { account: '123456789012', region: 'eu-west-1' },
      environments: [
        { name: 'staging', targets: [{ account: '111111111111', region: 'eu-west-1' }] },
        {
          name: 'prod',
          targets: [
            { account: '222222222222', region: 'eu-west-1' },
            { account: '222222222222', region: 'us-east-1' },
          ],
        },
        { name: 'sandbox', instances: true, targets: [{ account: '333333333333', region: 'eu-west-1' }] },
      ],
    }),
    'environments.json',
  );
  readonly #accounts = new Map<string, Account>();
  /** Newest first, by the id of the stack. */
  readonly #events = new Map<string, StackEvent[]>();
  /** Pages of events that were asked for. */
  pages = 0;
  /** Roles that asked, in the order of their first requests. */
  readonly roles = new Set<string>();

  /** By `111111111111/eu-west-1`. */
  at(target: string): Account {
    const known = this.#accounts.get(target) ?? {
      objects: new FakeAccount(),
      stacks: new FakeCloudFormation(this.clock),
    };
    this.#accounts.set(target, known);
    return known;
  }

  get aws(): AwsClients {
    const there = ({ account, region, role }: Session) => {
      this.roles.add(role?.arn.split('/').at(-1) ?? 'caller');
      return this.at(`${account}/${region}`);
    };
    return {
      s3: (session: Session) => there(session).objects.aws.s3(session),
      cloudFormation: (session: Session) => this.#withEvents(there(session).stacks, session),
    } as unknown as AwsClients;
  }

  /** Milliseconds before each publication and deployment. */
  pause = 1000;

  /** Every request for objects. */
  get asked(): string[] {
    return [...this.#accounts.values()].flatMap(({ objects }) => objects.asked);
  }

  /** Publishes, a moment later. */
  async publish(number: number, ...targets: readonly string[]): Promise<void> {
    await this.clock.sleep(this.pause);
    for (const target of targets) {
      const [account, region] = target.split('/');
      const bucket = `cdk-hnb659fds-assets-${account}-${region}`;
      const entry = { release: digest(number), publishedAt: this.clock.now(), commit: COMMIT, edited: false };
      this.at(target).objects.put(bucket, indexKey(OWNER.id, entry), '');
      this.at(target).objects.put(bucket, recordKey(digest(number), ['all']), 'record');
    }
  }

  /** A stack as a deployment leaves it, a moment later. @param number of the release. @default - none is named */
  async deploy(target: string, stackName: string, number?: number, status = 'UPDATE_COMPLETE'): Promise<void> {
    await this.clock.sleep(this.pause);
    const release = number === undefined ? undefined : digest(number);
    const name = changeSetName('d'.repeat(32), this.clock.now(), { owner: OWNER, release });
    const changeSetId = `arn:aws:cloudformation:eu-west-1:111111111111:changeSet/${name}/uuid`;
    const { stacks } = this.at(target);
    const id = stacks.stacks.get(stackName)?.id;
    const stack = stacks.put(stackName, status, { changeSetId, updatedAt: this.clock.now(), ...(id && { id }) });
    this.tell(stack.id, name, 'UPDATE_IN_PROGRESS', 'Queue UPDATE_COMPLETE', status);
  }

  /**
   * Adds events to a stack.
   *
   * @param token of what was done. @default - it had none
   * @param events statuses of the stack, or of a resource: `Queue UPDATE_COMPLETE`
   */
  tell(stackId: string, token: string | undefined, ...events: readonly string[]): void {
    const told = this.#events.get(stackId) ?? [];
    this.#events.set(stackId, told);
    for (const event of events) {
      const [status, resource] = event.split(' ').toReversed();
      told.unshift({
        ...{ StackId: stackId, StackName: stackId.split('/')[1]!, EventId: String(told.length) },
        PhysicalResourceId: resource ?? stackId,
        ResourceStatus: status as ResourceStatus,
        ClientRequestToken: token,
        Timestamp: new Date(this.clock.now()),
      });
    }
  }

  /** CloudFormation with events that were told, three to a page. */
  #withEvents(stacks: FakeCloudFormation, session: Session): unknown {
    const sdk = stacks.aws().cloudFormation(session);
    return sdk.then(({ send }) => ({
      send: async (command: { input: { StackName: string; NextToken?: string } }) => {
        if (command.constructor.name !== 'DescribeStackEventsCommand') return send(command as never);
        const from = Number(command.input.NextToken ?? 0);
        const events = this.#events.get(command.input.StackName) ?? [];
        this.pages += 1;
        const next = from + 3 < events.length && { NextToken: String(from + 3) };
        return { StackEvents: events.slice(from, from + 3), ...next };
      },
    }));
  }

  /** Three releases: all were on staging, the second is in prod. */
  async threeReleases(): Promise<void> {
    for (const number of [1, 2, 3]) {
      await this.publish(number, STAGING, PROD, PROD_US);
      await this.deploy(STAGING, 'Data', number);
      if (number !== 2) continue;
      for (const target of [PROD, PROD_US]) await this.deploy(target, 'Data', 2);
    }
  }
}
