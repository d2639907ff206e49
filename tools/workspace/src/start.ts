import { parseArgs } from 'node:util';
import { up } from '@nx-cdk/local-aws';
import { placeOrder } from './place-order.ts';

const HELP = `npm start [-- --port=4566 --ui]

Installs what is missing, starts the local AWS, bootstraps its accounts, deploys apps/infra to every environment and calls its API.
Nothing leaves this machine. Run it again after a change: only what changed is deployed.

  --port   port of the local AWS, 4566 if nothing is said
  --ui     serve a page that follows the deployment, on this machine only, and print its address`;

const { values } = parseArgs({
  options: { port: { type: 'string' }, ui: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help === true) console.log(HELP);
else
  process.exitCode = await up({
    projects: ['infra'],
    port: values.port,
    ui: values.ui,
    again: 'npm start',
    call: placeOrder,
  });
