import { ordersApi } from '@handlers/orders-api';
import { ordersWorker } from '@handlers/orders-worker';
import { HandlerFunction, acceptFinding, alarmOnFirst } from '@nx-cdk/constructs';
import { CfnOutput, Duration, type RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { DataStack } from './data-stack.ts';

/** Props of {@link ServiceStack}. */
export interface ServiceStackProps extends StackProps {
  /** The data that the service works on, in the same account and region. */
  readonly data: DataStack;

  /** What happens to logs when they are no longer part of the stack. */
  readonly removalPolicy: RemovalPolicy;
}

/**
 * What may be replaced at any time: the HTTP API that takes orders and the worker that processes them. What it takes
 * from the data stack is an export there and an import here, so CloudFormation keeps the order.
 */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, props);
    const { data, removalPolicy } = props;
    const alarmAction = data.alarms.action;

    const api = new HandlerFunction(this, 'Api', {
      asset: ordersApi,
      environment: { TABLE_NAME: data.orders.tableName, QUEUE_URL: data.placed.queueUrl },
      removalPolicy,
      alarmAction,
    });
    // Action by action: `grantReadWriteData` would also allow to scan the table and to delete from it.
    data.orders.grant(api, 'dynamodb:PutItem', 'dynamodb:GetItem');
    data.placed.grantSendMessages(api);

    const worker = new HandlerFunction(this, 'Worker', {
      asset: ordersWorker,
      environment: { TABLE_NAME: data.orders.tableName },
      removalPolicy,
      alarmAction,
    });
    data.orders.grant(worker, 'dynamodb:UpdateItem');
    worker.function.addEventSource(new SqsEventSource(data.placed, { batchSize: 10, reportBatchItemFailures: true }));

    const http = this.#httpApi(api, props);
    new CfnOutput(this, 'ApiUrl', { value: http.apiEndpoint, description: 'Where the API answers' });
  }

  #httpApi(api: HandlerFunction, { data, removalPolicy }: ServiceStackProps): HttpApi {
    const http = new HttpApi(this, 'Http', { createDefaultStage: false });
    const integration = new HttpLambdaIntegration('Api', api.function);

    // Callers sign their requests, and IAM decides: no keys to hand out, and nobody on the internet fills the table.
    const authorizer = new HttpIamAuthorizer();
    http.addRoutes({ path: '/orders', methods: [HttpMethod.POST], integration, authorizer });
    http.addRoutes({ path: '/orders/{id}', methods: [HttpMethod.GET], integration, authorizer });
    const [status] = http.addRoutes({
      path: '/',
      methods: [HttpMethod.GET],
      integration,
      authorizer: new HttpNoneAuthorizer(),
    });
    if (status !== undefined) {
      acceptFinding(
        status,
        'AwsSolutions-APIG4',
        'Load balancers and monitors ask without credentials; the answer tells nothing but that the service runs.',
      );
    }

    const accessLogs = new LogGroup(this, 'AccessLogs', { retention: RetentionDays.ONE_MONTH, removalPolicy });
    new HttpStage(this, 'Default', {
      httpApi: http,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 100, burstLimit: 200 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        format: AccessLogFormat.jsonWithStandardFields(),
      },
    });

    const errors = http.metricServerError({ period: Duration.minutes(5) });
    const description = `${this.stackName} answers with errors of its own.`;
    alarmOnFirst(this, 'ServerErrors', errors, description, data.alarms.action);
    return http;
  }
}
