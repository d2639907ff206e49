import { join } from 'node:path';
import { architecture } from '@handlers/architecture';

/** What an app deploys: importing it is what makes the app depend on this project. */
export const shippingQuoteRust = {
  /** Name of the Nx project, for the error that says what to build. */
  project: 'shipping-quote-rust',
  /** Folder that `build` fills and that is uploaded as the function's code. */
  code: join(import.meta.dirname, 'dist'),
  runtime: 'provided.al2023',
  architecture,
  /** What the runtime starts; the name is Lambda's. */
  handler: 'bootstrap',
  /** It reads no environment variables. */
  environment: [],
} as const;
