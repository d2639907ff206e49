import { rm } from 'node:fs/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { SSMClient } from '@aws-sdk/client-ssm';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type AwsProxy, startProxy } from 'aws-proxy';
import type { LocalAws } from 'local-aws';
import { sharedAws, temporaryFolder } from 'test-bed';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { setUpAccounts } from '../publish/accounts.ts';

/** An account and a region. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** A local AWS whose workload accounts are bootstrapped, and a folder. */
export interface TestBed {
  readonly folder: string;
  readonly local: LocalAws;
  /**
   * A proxy in front of the local AWS. Each run that counts or breaks requests has one of its own, so that runs at the
   * same time do not count or break each other's.
   */
  proxy(): Promise<AwsProxy>;
  /** What a process needs to speak to AWS through a proxy as the root of the CI account. */
  environment(proxy?: AwsProxy): Record<string, string>;
  /** What somebody else does in an account: its root's clients, past every proxy. */
  cloudFormation(place: Place): CloudFormationClient;
  ssm(place: Place): SSMClient;
  close(): Promise<void>;
}

export async function openTestBed(): Promise<TestBed> {
  const folder = await temporaryFolder('engine-tests-');
  const local = await sharedAws();
  const proxies: AwsProxy[] = [];
  const clients: { destroy(): void }[] = [];
  const agent = new Agent({ ca: readFileSync(local.caFile) });
  const remember = <T extends { destroy(): void }>(client: T): T => (clients.push(client), client);
  const root = ({ account, region }: Place) => ({
    region,
    endpoint: local.endpoint,
    credentials: local.credentialsFor(account),
    requestHandler: new NodeHttpHandler({ httpsAgent: agent }),
  });
  const close = async () => {
    for (const client of clients) client.destroy();
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await setUpAccounts(local);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    folder,
    local,
    proxy: async () => {
      const proxy = await startProxy(local);
      proxies.push(proxy);
      return proxy;
    },
    environment: (proxy) => ({ ...local.environment(), AWS_ENDPOINT_URL: proxy?.endpoint ?? local.endpoint }),
    cloudFormation: (place) => remember(new CloudFormationClient(root(place))),
    ssm: (place) => remember(new SSMClient(root(place))),
    close,
  };
}
