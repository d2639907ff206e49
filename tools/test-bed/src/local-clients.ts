import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ECRClient } from '@aws-sdk/client-ecr';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LocalAws } from '@nx-cdk/local-aws';
import type { Place } from './landscape.ts';

/** What an SDK client needs to work with the root keys of an account, past every proxy. */
export function rootOf(aws: LocalAws, { account, region }: Place) {
  return {
    endpoint: aws.endpoint,
    region,
    credentials: aws.credentialsFor(account),
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(aws.caFile) }) }),
  };
}

/** SDK clients with these: the hands of somebody who works in the console, next to the tools under test. */
export function rootClients(aws: LocalAws, place: Place) {
  const config = rootOf(aws, place);
  return {
    cloudFormation: () => new CloudFormationClient(config),
    ecr: () => new ECRClient(config),
    iam: () => new IAMClient(config),
    lambda: () => new LambdaClient(config),
    s3: () => new S3Client({ ...config, forcePathStyle: true }),
    ssm: () => new SSMClient(config),
    sts: () => new STSClient(config),
  };
}
