import { join } from 'node:path';

/** What an app deploys: importing it is what makes the app depend on this project. */
export const ordersWorker = {
  project: 'orders-worker',
  code: join(import.meta.dirname, '../dist'),
  runtime: 'nodejs24.x',
  handler: 'index.handler',
  environment: ['TABLE_NAME'],
} as const;
