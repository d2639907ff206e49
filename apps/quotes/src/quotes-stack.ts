import { packingList } from '@handlers/packing-list';
import { shippingQuoteGo } from '@handlers/shipping-quote-go';
import { shippingQuoteRust } from '@handlers/shipping-quote-rust';
import { shippingQuoteTypescript } from '@handlers/shipping-quote-typescript';
import { AlarmTopic, HandlerFunction, leftOut } from '@nx-cdk/constructs';
import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** By the id of its function: one contract, implemented in three languages, and a container image. */
export const HANDLERS = {
  QuoteInTypescript: shippingQuoteTypescript,
  QuoteInGo: shippingQuoteGo,
  QuoteInRust: shippingQuoteRust,
  PackingList: packingList,
} as const;

/**
 * A function for each handler. Callers find its name in the outputs. What this machine cannot build is left out, and a
 * warning says so.
 */
export class QuotesStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const alarms = new AlarmTopic(this, 'Alarms', { displayName: 'Quotes' });
    for (const [name, asset] of Object.entries(HANDLERS)) {
      const reason = leftOut(asset);
      if (reason !== undefined) {
        Annotations.of(this).addWarningV2('handlers:left-out', reason);
        continue;
      }
      const handler = new HandlerFunction(this, name, { asset, environment: {}, alarmAction: alarms.action });
      new CfnOutput(this, `${name}Name`, {
        value: handler.function.functionName,
        description: 'Function that answers whoever may invoke it',
      });
    }
  }
}
