'use strict';
/**
 * Loaded into every Node process of a synthesis, before anything else (`NODE_OPTIONS=--require`): writes down what
 * the process reads, lists, probes and writes, which programs it starts, and which variables it asks for in vain.
 * `reads.ts` makes sense of it. It changes nothing of what the process gets, and never fails.
 *
 * JavaScript and CommonJS, because the Node that runs an app may be another one than that of Nx.
 *
 * One line of JSON an entry: kind, path, and what the file looked like at that moment.
 * - `f` content, `t` a folder with all that is in it, `d` names in a folder, `s` whether it is there, and what it is
 * - `w` written, moved or removed
 * - `x` the Node that runs the process
 * - `p` a program that was started: file, arguments, folder, PATH, whether it is followed if it is Node, and when
 * - `c` a module of CDK that was loaded
 * - `m` a module, the one that loaded it, and the number of the thread: only where the first is esbuild
 * - `e` a variable that the app asked for and that it does not have
 * - `u` something that cannot be followed, in words
 */
const childProcess = require('node:child_process');
const fs = require('node:fs');
const module_ = require('node:module');
const path = require('node:path');
const { fileURLToPath } = require('node:url');
const threads = require('node:worker_threads');

// Kept before anything of `fs` is followed.
const { statSync } = fs;

/** What tells that a path is as it was. `-` for what is not there, or must not be looked at. */
function signatureOf(path) {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return '-';
    if (stats.isDirectory()) return `d:${stats.mtimeNs}`;
    return stats.isFile() ? `f:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}` : 'o';
  } catch {
    return '-';
  }
}

module.exports = { signatureOf };

const { NX_CDK_FOLLOW: folder } = process.env;

if (folder) follow(folder);

function follow(folder) {
  const { openSync, writeSync } = fs;
  const log = openSync(path.join(folder, `${process.pid}-${threads.threadId}.jsonl`), 'a');
  const seen = new Set();

  const write = (...entry) => {
    const key = `${entry[0]} ${entry[1]}${entry[0] === 'm' ? entry[2] : ''}`;
    if (seen.has(key) && entry[0] !== 'p') return;
    seen.add(key);
    writeSync(log, `${JSON.stringify(entry)}\n`);
  };
  /** Undefined for what is no path, such as the number of an open file. */
  const pathOf = (given) => {
    if (typeof given === 'string') return given.startsWith('file://') ? undefined : path.resolve(given);
    if (given instanceof URL) return fileURLToPath(given);
    return Buffer.isBuffer(given) ? path.resolve(given.toString()) : undefined;
  };
  const noted = (kind, given) => {
    const file = pathOf(given);
    if (file === undefined || seen.has(`${kind} ${file}`)) return;
    write(kind, file, ...(kind === 'w' ? [] : [signatureOf(file)]));
  };
  /** Calls `before` with the arguments of each call of a function. */
  const wrap = (object, name, before) => {
    const original = object[name];
    if (typeof original !== 'function') return;
    const wrapped = function (...args) {
      try {
        before(args);
      } catch {
        // What cannot be written down must not stop the app; its log then ends without the file, and counts as none.
        write('u', `a call of ${name}`);
      }
      return Reflect.apply(original, this, args);
    };
    object[name] = Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  };
  const wrapAll = (names, before) => {
    for (const name of names) {
      wrap(fs, name, before);
      wrap(fs, `${name}Sync`, before);
      wrap(fs.promises, name, before);
    }
  };
  const isRecursive = (options) => typeof options === 'object' && options !== null && options.recursive === true;
  const opened = ([file, flags]) => {
    const { O_RDONLY, O_WRONLY, O_RDWR } = fs.constants;
    const mode = typeof flags === 'number' ? flags & (O_WRONLY | O_RDWR) : undefined;
    const text = typeof flags === 'string' ? flags : 'r';
    if (mode === undefined ? text.startsWith('r') : mode !== O_WRONLY) noted('f', file);
    if (mode === undefined ? /[wa+]/.test(text) : mode !== O_RDONLY) noted('w', file);
  };

  wrapAll(['readFile'], ([file]) => noted('f', file));
  wrap(fs, 'openAsBlob', ([file]) => noted('f', file));
  wrapAll(['open'], opened);
  wrapAll(['readdir', 'opendir'], ([dir, options]) => noted(isRecursive(options) ? 't' : 'd', dir));
  wrapAll(['exists', 'access', 'readlink'], ([file]) => noted('s', file));
  // Size and time stand for the content, such as in a cache of CDK itself.
  wrapAll(['stat', 'lstat'], ([file]) => noted(pathOf(file) && signatureOf(pathOf(file))[0] === 'f' ? 'f' : 's', file));
  wrapAll(['copyFile'], ([from, to]) => (noted('f', from), noted('w', to)));
  wrapAll(['cp'], ([from, to]) => (noted('t', from), noted('w', to)));
  wrapAll(['rename', 'link'], ([from, to]) => (noted('f', from), noted('w', from), noted('w', to)));
  wrapAll(['symlink'], ([, to]) => noted('w', to));
  wrapAll(['writeFile', 'appendFile', 'mkdir', 'rm', 'rmdir', 'unlink', 'truncate', 'utimes', 'chmod'], ([file]) =>
    noted('w', file),
  );

  // Modules: Node reads them without the functions above. What stands next to a module of the app could take its place
  // (foo.js for foo.ts), so names count there too.
  const manifests = new Map();
  const manifestOf = (dir) => {
    if (manifests.has(dir)) return;
    const file = path.join(dir, 'package.json');
    const found = statSync(file, { throwIfNoEntry: false }) !== undefined;
    manifests.set(dir, found);
    if (found) noted('f', file);
    else if (path.dirname(dir) !== dir) manifestOf(path.dirname(dir));
  };
  const loaded = (file) => {
    noted('f', file);
    manifestOf(path.dirname(file));
    if (!file.includes(`${path.sep}node_modules${path.sep}`)) noted('d', path.dirname(file));
  };
  module.exports.loaded = loaded;
  if (typeof module_.registerHooks === 'function') {
    module_.registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context);
        try {
          if (found.url.startsWith('file:')) loaded(fileURLToPath(found.url));
          if (found.url.includes('/node_modules/esbuild/'))
            write('m', found.url, context.parentURL ?? '', threads.threadId);
        } catch {
          write('u', `the module ${specifier}`);
        }
        return found;
      },
    });
  } else write('u', `Node ${process.version}, which cannot say what modules it loads (22.15 can)`);
  // A process that waits to load it has not read it yet.
  if (process.argv[1] && !process.env.NX_CDK_READY) loaded(path.resolve(process.argv[1]));
  write('x', process.execPath, signatureOf(process.execPath));
  process.on('exit', () => {
    const ofCdk = /[\\/]node_modules[\\/](aws-cdk-lib|constructs)[\\/].*\.js$/;
    for (const file of Object.keys(require.cache)) if (ofCdk.test(file)) write('c', file);
  });

  const isFollowed = (env) => env.NX_CDK_FOLLOW === folder && String(env.NODE_OPTIONS).includes(__filename);
  const started = (file, args, cwd, env) => {
    const all = env ?? process.env;
    write('p', file, args, pathOf(cwd ?? '.'), String(all.PATH ?? ''), isFollowed(all), Date.now());
  };
  const shellOf = (command) => ['/bin/sh', ['-c', command]];
  wrap(childProcess.ChildProcess.prototype, 'spawn', ([{ file, args, cwd, envPairs }]) => {
    const pairs = (envPairs ?? []).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
    started(file, (args ?? []).slice(1), cwd, Object.fromEntries(pairs));
  });
  const startedSync = ([file, given, more]) => {
    const args = Array.isArray(given) ? given : [];
    const { cwd, env, shell } = (Array.isArray(given) ? more : (more ?? given)) ?? {};
    started(...(shell ? shellOf([file, ...args].join(' ')) : [file, args]), cwd, env);
  };
  wrap(childProcess, 'spawnSync', startedSync);
  wrap(childProcess, 'execFileSync', startedSync);
  wrap(childProcess, 'execSync', ([command, options]) => started(...shellOf(command), options?.cwd, options?.env));

  // Puts the program into the place of this process, as TypeScript 7 does with its compiler.
  wrap(process, 'execve', ([file, args, env]) => started(file, (args ?? []).slice(1), undefined, env));

  const { Worker } = threads;
  threads.Worker = new Proxy(Worker, {
    construct(target, args, created) {
      const env = args[1]?.env;
      if (typeof env === 'object' && env !== null && !isFollowed(env))
        write('u', 'a thread with an environment of its own');
      return Reflect.construct(target, args, created);
    },
  });

  const asked = (name, value) => {
    if (value !== undefined || typeof name !== 'string' || seen.has(`e ${name}`)) return;
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 4;
    const caller = (new Error().stack ?? '').split('\n')[3] ?? '';
    Error.stackTraceLimit = stackTraceLimit;
    // Libraries ask for a lot that does not matter to the app.
    if (!/node_modules|\(?node:/.test(caller)) write('e', name);
  };
  process.env = new Proxy(process.env, {
    get: (target, name) => (asked(name, target[name]), target[name]),
    has: (target, name) => (asked(name, target[name]), name in target),
    // By itself a proxy defines a property, which this object refuses.
    set: (target, name, value) => ((target[name] = value), true),
  });
  module_.syncBuiltinESMExports();
}
