import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { type IGrantable, type IPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type Architecture, Function as LambdaFunction, LoggingFormat, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acceptFinding } from './accept-finding.ts';
import { alarmOnFirst } from './alarms.ts';
import { type HandlerAsset, codeOf } from './handler-asset.ts';

/** Props of {@link HandlerFunction}. */
export interface HandlerFunctionProps<Variable extends string = string> {
  /** What a handler library exports. */
  readonly asset: HandlerAsset<Variable>;

  /** A value for each environment variable that the handler reads. */
  readonly environment: Readonly<Record<Variable, string>>;

  /**
   * What it runs on. A program that is compiled for something else is refused.
   * @default - what the program of a compiled handler is for; Architecture.ARM_64 for JavaScript and Python
   */
  readonly architecture?: Architecture;

  /**
   * Memory, in MiB; the share of CPU grows with it.
   * @default 256
   */
  readonly memorySize?: number;

  /**
   * How long one invocation may take.
   * @default Duration.seconds(10)
   */
  readonly timeout?: Duration;

  /**
   * How long log lines are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What happens to the log group when the function goes.
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * What the alarms on errors and throttles do.
   * @default - nothing
   */
  readonly alarmAction?: IAlarmAction;
}

/**
 * A Lambda function with a compiled handler: a log group that expires, a role that may only log and trace until
 * something is granted to it, and alarms on errors and throttles. The asset says which runtime it has, and a compiled
 * program what it runs on.
 *
 * The handler's own project builds the code, and Nx caches it; CDK's `NodejsFunction` would build it at each synth.
 */
export class HandlerFunction<Variable extends string = string> extends Construct implements IGrantable {
  /** The function itself, for event sources and integrations. */
  readonly function: LambdaFunction;
  /** Who permissions are granted to. */
  readonly grantPrincipal: IPrincipal;

  /**
   * @throws UnbuiltHandlerError if the handler is not compiled, is left out (see `leftOut`), or is compiled for another
   *   architecture
   */
  constructor(scope: Construct, id: string, props: HandlerFunctionProps<Variable>) {
    super(scope, id);

    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
    });
    // CDK's default role may write to every log group of the account (AWSLambdaBasicExecutionRole).
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);

    this.function = new LambdaFunction(this, 'Function', {
      ...codeOf(props.asset, props.architecture),
      environment: { ...props.environment },
      memorySize: props.memorySize ?? 256,
      timeout: props.timeout ?? Duration.seconds(10),
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      role,
    });
    this.grantPrincipal = this.function.grantPrincipal;
    acceptFinding(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      'X-Ray has no resources to name: PutTraceSegments and PutTelemetryRecords only work on "*".',
    );

    const { path } = this.node;
    const { alarmAction } = props;
    const period = { period: Duration.minutes(5) };
    alarmOnFirst(this, 'Errors', this.function.metricErrors(period), `${path} fails.`, alarmAction);
    alarmOnFirst(this, 'Throttles', this.function.metricThrottles(period), `${path} is throttled.`, alarmAction);
  }
}
