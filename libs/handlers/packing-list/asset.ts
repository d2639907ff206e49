import { join } from 'node:path';

/** What an app deploys: importing it is what makes the app depend on this project. */
export const packingList = {
  project: 'packing-list',
  /** Folder that `build` fills with the program and the Dockerfile: all that the image is made of. */
  code: join(import.meta.dirname, 'dist'),
  runtime: 'image',
  /** The program in the folder. The Dockerfile says what the image starts. */
  handler: 'bootstrap',
  environment: [],
} as const;
