import { CloudFormationClient, UpdateStackCommand, waitUntilStackUpdateComplete } from '@aws-sdk/client-cloudformation';
import { config, main } from './clients.mjs';

const [StackName, ParameterKey, ParameterValue] = process.argv.slice(2);
await main(async () => {
  const client = new CloudFormationClient(config);
  await client.send(
    new UpdateStackCommand({
      StackName,
      UsePreviousTemplate: true,
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: [{ ParameterKey, ParameterValue }],
    }),
  );
  await waitUntilStackUpdateComplete({ client, maxWaitTime: 1200, minDelay: 1, maxDelay: 1 }, { StackName });
});
