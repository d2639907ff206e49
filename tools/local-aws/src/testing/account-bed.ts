import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as cloudFormation from '@aws-sdk/client-cloudformation';
import type { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type LocalAws, startInstance } from '../index.ts';
import { clientsOf, organizationRole, region } from './clients.ts';

const ci = '123456789012';
export const workload = '111111111111';

/** A local AWS of its own, and clients of an administrator of {@link workload}. */
export interface AccountBed {
  readonly aws: LocalAws;
  readonly client: cloudFormation.CloudFormationClient;
  readonly ssm: SSMClient;
  readonly storage: S3Client;
  close(): Promise<void>;
}

export async function openAccountBed(strict?: boolean): Promise<AccountBed> {
  const folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
  const aws = await startInstance({ directory: folder, managementAccount: ci, region, strict });
  const clients = clientsOf(aws);
  const session = await clients.assume(organizationRole(workload), aws.credentialsFor(ci));
  return {
    aws,
    client: clients.cloudFormation(session),
    ssm: new SSMClient(clients.config(session)),
    storage: clients.s3(session),
    close: async () => {
      await aws.stop();
      clients.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An output that is an attribute of a resource. */
export const attribute = (logicalId: string, name: string) => ({ Value: { 'Fn::GetAtt': [logicalId, name] } });

export const outputsOf = (stack: cloudFormation.Stack) =>
  Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
