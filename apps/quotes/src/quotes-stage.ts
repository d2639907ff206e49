import type { Target } from '@nx-cdk/environments';
import { DefaultStackSynthesizer, Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { QuotesStack } from './quotes-stack.ts';

/** Props of {@link QuotesStage}. */
export interface QuotesStageProps {
  /** Accounts and regions that get the functions. */
  readonly targets: readonly Pick<Target, 'account' | 'region'>[];

  /**
   * Qualifier of the bootstrap stacks.
   * @default - CDK's own
   */
  readonly qualifier?: string;
}

/** The functions in one environment: a stack in each of its targets. */
export class QuotesStage extends Stage {
  constructor(scope: Construct, id: string, { targets, qualifier }: QuotesStageProps) {
    super(scope, id);
    for (const env of targets) {
      new QuotesStack(this, `Quotes-${env.account}-${env.region}`, {
        env: { account: env.account, region: env.region },
        stackName: `${id}-quotes`,
        description: 'Shipping quotes and packing lists',
        tags: { service: 'quotes', environment: id },
        synthesizer: new DefaultStackSynthesizer({ qualifier }),
      });
    }
  }
}
