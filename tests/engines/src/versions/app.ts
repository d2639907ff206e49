/**
 * A small app, in words that each `aws-cdk-lib` 2 understands: a bucket, a function with its code as an asset, and an
 * export that another stack imports. `SIZE` in the environment is a change of one stack.
 */
export const APP = `const { App, CfnOutput, RemovalPolicy, Stack } = require('aws-cdk-lib');
const { Code, Function, Runtime } = require('aws-cdk-lib/aws-lambda');
const { Bucket } = require('aws-cdk-lib/aws-s3');
const app = new App();
const env = { account: '111111111111', region: 'eu-west-1' };
const data = new Stack(app, 'Data', { env });
const bucket = new Bucket(data, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY });
const service = new Stack(app, 'Service', { env });
const code = Code.fromAsset(__dirname + '/handler');
const handler = new Function(service, 'Handler', { runtime: new Runtime('nodejs22.x'), handler: 'index.handler', code });
handler.addEnvironment('BUCKET', bucket.bucketName);
bucket.grantRead(handler);
new CfnOutput(service, 'Uses', { value: bucket.bucketArn });
`;
