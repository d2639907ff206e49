import { join } from 'node:path';
import { architecture } from '@handlers/architecture';

/** What an app deploys: importing it is what makes the app depend on this project. */
export const packingList = {
  /** Name of the Nx project, for the error that says what to build. */
  project: 'packing-list',
  /** Folder that `build` fills with the program and the Dockerfile: all that the image is made of. */
  code: join(import.meta.dirname, 'dist'),
  runtime: 'image',
  architecture,
  /** The program in the folder. What the image starts its Dockerfile says. */
  handler: 'bootstrap',
  /** It reads no environment variables. */
  environment: [],
} as const;
