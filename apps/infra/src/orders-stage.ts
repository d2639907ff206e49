import type { Target } from '@nx-cdk/environments';
import { DefaultStackSynthesizer, RemovalPolicy, Stage, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DataStack } from './data-stack.ts';
import { ServiceStack } from './service-stack.ts';

/** Props of {@link OrdersStage}. */
export interface OrdersStageProps {
  /** What the stacks are called after. @default - the id */
  readonly stageName?: string;

  /** Accounts and regions that the service runs in. */
  readonly targets: readonly Pick<Target, 'account' | 'region'>[];

  /** Whether orders and logs stay when their stack goes. */
  readonly keepData: boolean;

  /**
   * Qualifier of the bootstrap stacks.
   * @default - the one of the app's context, or else CDK's own
   */
  readonly qualifier?: string;
}

/** The orders service in one environment: the same two stacks in each of its targets. */
export class OrdersStage extends Stage {
  constructor(scope: Construct, id: string, props: OrdersStageProps) {
    super(scope, id, { stageName: props.stageName });
    const removalPolicy = props.keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;

    for (const { account, region } of props.targets) {
      // Account and region are part of every id, even if there is only one target: a second one then leaves the ids of
      // the first as they are. The kind of stack comes first, so that `staging/Data*` is all data of staging.
      const target = `${account}-${region}`;
      const common = (kind: string): StackProps => ({
        env: { account, region },
        stackName: `${this.stageName}-orders-${kind}`,
        tags: { service: 'orders', environment: this.stageName },
        // A synthesizer belongs to one stack, so each gets its own.
        synthesizer: new DefaultStackSynthesizer({ qualifier: props.qualifier }),
      });
      const data = new DataStack(this, `Data-${target}`, {
        ...common('data'),
        description: 'Orders: table, queue and alarm topic',
        removalPolicy,
      });
      new ServiceStack(this, `Service-${target}`, {
        ...common('service'),
        description: 'Orders: HTTP API and worker',
        removalPolicy,
        data,
      });
    }
  }
}
