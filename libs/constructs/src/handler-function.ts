import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { type IGrantable, type IPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction, LoggingFormat, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acceptFinding } from './accept-finding.ts';
import { type HandlerAsset, codeOf } from './handler-asset.ts';

/** What a {@link HandlerFunction} is told. */
export interface HandlerFunctionProps<Variable extends string = string> {
  /** What a handler library exports. */
  readonly asset: HandlerAsset<Variable>;

  /** A value for each environment variable that the handler reads. */
  readonly environment: Readonly<Record<Variable, string>>;

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
   * @default - they change their state, and nobody is told
   */
  readonly alarmAction?: IAlarmAction;
}

/**
 * A Lambda function with a compiled handler: a log group with an end, a role that may do nothing but log and trace
 * until something is granted to it, and alarms on errors and throttles.
 *
 * The handler's own project builds the code, and Nx caches it; CDK's `NodejsFunction` would build it at each synth.
 * Runtime and architecture come from the asset.
 */
export class HandlerFunction<Variable extends string = string> extends Construct implements IGrantable {
  /** The function itself, for event sources and integrations. */
  readonly function: LambdaFunction;
  /** Who permissions are granted to. */
  readonly grantPrincipal: IPrincipal;

  /**
   * @throws UnbuiltHandlerError if the handler is not compiled, is left out (ask `leftOut` before) or is compiled
   * for another architecture
   */
  constructor(scope: Construct, id: string, props: HandlerFunctionProps<Variable>) {
    super(scope, id);

    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
    });
    // CDK's default role may write to every log group of the account (AWSLambdaBasicExecutionRole); this one to its
    // own.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);

    this.function = new LambdaFunction(this, 'Function', {
      ...codeOf(props.asset),
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

    this.#alarm('Errors', this.function.metricErrors({ period: ALARM_PERIOD }), 'fails', props.alarmAction);
    this.#alarm(
      'Throttles',
      this.function.metricThrottles({ period: ALARM_PERIOD }),
      'is throttled',
      props.alarmAction,
    );
  }

  #alarm(id: string, metric: IMetric, what: string, action: IAlarmAction | undefined): void {
    const alarm = new Alarm(this, id, {
      metric,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // A function that nobody calls has no errors.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `${this.node.path} ${what}.`,
    });
    if (action !== undefined) alarm.addAlarmAction(action);
  }
}

const ALARM_PERIOD = Duration.minutes(5);
