import { join } from 'node:path';

/** What an app deploys: importing it is what makes the app depend on this project. */
export const shippingQuoteRust = {
  project: 'shipping-quote-rust',
  code: join(import.meta.dirname, 'dist'),
  runtime: 'provided.al2023',
  /** What the runtime starts; the name is Lambda's. */
  handler: 'bootstrap',
  environment: [],
} as const;
