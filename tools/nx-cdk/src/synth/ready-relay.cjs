'use strict';
/**
 * Stands for an app that is ready: hands its environment on to Nx, and then everything that the app says, and its exit
 * code, from there. If Nx says that the app cannot be used, it runs the command itself.
 *
 * Arguments: the socket of Nx, and the command.
 */
const { spawn } = require('node:child_process');
const { connect } = require('node:net');
const { createInterface } = require('node:readline');

const [socket, command] = process.argv.slice(2);
const connection = connect(socket, () => connection.write(`${JSON.stringify(process.env)}\n`));
connection.on('error', startAnew);
const lines = createInterface({ input: connection });
let isOver = false;
lines.on('line', (line) => {
  const [kind, content] = JSON.parse(line);
  if (kind === 'out') process.stdout.write(content);
  else if (kind === 'err') process.stderr.write(content);
  else if (kind === 'end') end(content);
  else startAnew();
});
lines.on('close', () => isOver || end(1));

function startAnew() {
  if (isOver) return;
  isOver = true;
  connection.destroy();
  const child = spawn(command, { shell: true, stdio: 'inherit' });
  child.on('close', (code, signal) =>
    signal === null ? (process.exitCode = code) : process.kill(process.pid, signal),
  );
}

function end(code) {
  isOver = true;
  connection.destroy();
  process.exitCode = code;
}
