import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { config, main } from './clients.mjs';

const [Name, Value] = process.argv.slice(2);
await main(() => new SSMClient(config).send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true })));
