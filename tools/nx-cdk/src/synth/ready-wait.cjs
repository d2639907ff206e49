'use strict';
/**
 * Loaded into every Node process of an app that is started before it is needed (`NODE_OPTIONS=--require`), before
 * `follow.cjs`. Where the process is about to load its first module that belongs to no package, so before it reads
 * anything that is edited, it loads what CDK it will need, and then waits for a line on standard input: a variable a
 * pair, `null` for one that is not set. With the end of its input, it ends.
 *
 * JavaScript and CommonJS, because the Node that runs an app may be another one than that of Nx.
 */
const { readFileSync, readSync, realpathSync } = require('node:fs');
const module_ = require('node:module');
const { sep } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { isMainThread } = require('node:worker_threads');

const { NX_CDK_READY: list } = process.env;

/** Loaded right after this one. */
const FOLLOW = pathToFileURL(require.resolve('../inputs/follow.cjs')).href;

if (list && isMainThread) prepare(list);

function prepare(list) {
  // Without it, nothing could hold the app back.
  if (typeof module_.registerHooks !== 'function') process.exit(1);
  let isWaiting = true;
  module_.registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      if (!isWaiting || !isOfApp(found.url)) return found;
      isWaiting = false;
      loadCdk(JSON.parse(readFileSync(list, 'utf8')));
      begin(lineOfInput());
      // What is there by now.
      return next(specifier, context);
    },
  });
}

function isOfApp(url) {
  if (!url.startsWith('file:') || url === FOLLOW) return false;
  const file = realpathSync(fileURLToPath(url));
  return !file.includes(`${sep}node_modules${sep}`);
}

/** Loads modules, and what CDK checks templates with: that alone takes a second or two. */
function loadCdk(modules) {
  // As they are before they are loaded: whoever changes one meanwhile must be noticed.
  const { loaded } = require('../inputs/follow.cjs');
  for (const file of modules) {
    loaded(file);
    require(file);
  }
  const checks = modules.find((file) => file.endsWith('/validation/cloudformation-validate-plugin.js'));
  // The one that an app has that makes none of its own. An aws-cdk-lib without it makes it later.
  if (checks !== undefined && process.env.CDK_VALIDATION !== 'false')
    require(checks).CloudFormationValidatePlugin?._singletonInstance?.();
  // And what those have loaded.
  for (const file of Object.keys(require.cache)) loaded(file);
}

function lineOfInput() {
  const piece = Buffer.alloc(1 << 16);
  let text = '';
  while (!text.endsWith('\n')) {
    let size = 0;
    try {
      size = readSync(0, piece);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      continue;
    }
    if (size === 0) process.exit(1);
    // One byte a character until it is complete.
    text += piece.toString('latin1', 0, size);
  }
  return Buffer.from(text, 'latin1').toString();
}

function begin(line) {
  for (const [name, value] of JSON.parse(line)) {
    if (value === null) delete process.env[name];
    else process.env[name] = value;
  }
}
