import { join } from 'node:path';

/**
 * What an app deploys: importing it makes the app depend on this project in the Nx graph. It is plain data, so that a
 * stack never loads the handler itself.
 */
export const ordersApi = {
  /** Name of the Nx project, for the error that says what to build. */
  project: 'orders-api',
  /** Folder that `build` fills and that is uploaded as the function's code. */
  code: join(import.meta.dirname, '../dist'),
  runtime: 'nodejs24.x',
  handler: 'index.handler',
  /** Environment variables that the handler reads; a stack that forgets one does not compile. */
  environment: ['TABLE_NAME', 'QUEUE_URL'],
} as const;
