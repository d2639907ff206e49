/**
 * Gives a process another CDK toolkit than that of the workspace: `node --import=toolkit-hook.mjs`, with TOOLKIT_FOLDER
 * naming the folder whose `node_modules` holds it.
 */
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const other = pathToFileURL(join(process.env.TOOLKIT_FOLDER, 'package.json')).href;

registerHooks({
  resolve(specifier, context, next) {
    const ours = /^@aws-cdk\/(toolkit-lib|cloud-assembly-schema)(\/|$)/.test(specifier);
    const isOutside = !context.parentURL?.includes('/node_modules/');
    return next(specifier, ours && isOutside ? { ...context, parentURL: other } : context);
  },
});
