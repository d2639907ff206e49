import { PROD, STAGING } from 'test-bed';

/** An app of four stacks in two environments, which replaces or breaks things if it is told to. */
export const APP = `
import { App, CfnOutput, Duration, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib/core';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';

const app = new App();
const kind = app.node.tryGetContext('kind');

class Shop extends Stage {
  constructor(name, env) {
    super(app, name, { env });
    const data = new Stack(this, 'Data', { stackName: name + '-shop-data' });
    const table = new Table(data, 'Orders', {
      partitionKey: { name: kind === 'replaced' ? 'orderId' : 'id', type: AttributeType.STRING },
      removalPolicy: kind === 'replaced' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    const jobs = new Queue(data, 'Jobs', { visibilityTimeout: Duration.seconds(kind === 'first' ? 30 : 60) });
    const service = new Stack(this, 'Service', { stackName: name + '-shop-service' });
    const handler = new Function(service, 'Api', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => ({ statusCode: 200 });'),
      environment: { TABLE: table.tableName },
    });
    table.grantReadData(handler);
    if (kind === 'replaced') jobs.grantSendMessages(handler);
    new CfnParameter(data, 'Setting', { type: 'String', value: 'on', name: '/' + name + '/shop/setting' });
    if (kind === 'broken' && name === 'staging') {
      const taken = { type: 'String', value: 'on', name: '/cdk-bootstrap/hnb659fds/version' };
      new CfnParameter(data, 'Taken', taken).node.addDependency(jobs);
    }
    new CfnOutput(service, 'Table', { value: table.tableName });
  }
}

new Shop('staging', ${JSON.stringify(STAGING)});
new Shop('prod', ${JSON.stringify(PROD)});
app.synth();
`;
