import { type StartedProcess, startProcess } from 'test-bed';

/**
 * Reads keys from its standard input, which Node's child processes have no other way to press, and passes the exit code
 * on.
 */
const PROGRAM = `
import fcntl, os, pty, struct, sys, select, termios
# Also for writing: there would be an end of it whenever somebody has pressed a key.
keys = os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
# Nx shows its terminal UI on a terminal that has a size only.
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 120, 0, 0))
sources = [terminal, keys]
while True:
    ready, _, _ = select.select(sources, [], [], 0.2)
    if keys in ready:
        os.write(terminal, os.read(keys, 100))
    if terminal in ready:
        try: text = os.read(terminal, 65536)
        except OSError: break
        if not text: break
        os.write(1, text)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

/**
 * Runs a command on a terminal of its own, as a person does.
 *
 * @param keys a named pipe: what is written to it is what the person types
 */
export function startOnTerminal(
  command: readonly string[],
  keys: string,
  options: { cwd: string; env: Readonly<Record<string, string>> },
): StartedProcess {
  return startProcess('python3', ['-c', PROGRAM, keys, ...command], options);
}
