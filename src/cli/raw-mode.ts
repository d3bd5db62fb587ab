/**
 * The terminal on stdin in cfmakeraw's mode, and back, in every case: at the end, at a signal, at a crash.
 * Not tty.setRawMode: that one keeps translating line ends, and what the container's own terminal has translated comes out twice.
 * https://man7.org/linux/man-pages/man3/termios.3.html
 */
import { dlopen, FFIType, ptr } from 'bun:ffi';
import { UnavailableError } from '../lib/errors.ts';
import { isTerminal } from './terminal-facts.ts';

const stdin = 0;
const setNow = 0;
/** struct termios is 60 bytes on Linux; more is harmless. */
const termiosSize = 128;
/** The offset of c_lflag, and the bit in it that shows what is typed. */
const localFlags = 12;
const echo = 0o10;
/** Those that end a process and that somebody else may send: the terminal comes first. */
const endings: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'];

/** Keys come one by one and unseen, bytes go out as they are, until this is disposed of. Does nothing where stdin is no terminal. */
export function rawMode(): Disposable {
  return change((mode) => libc().cfmakeraw(ptr(mode)));
}

/** Lines as usual, only that nobody sees them typed. */
export function withoutEcho(): Disposable {
  return change((mode) => {
    const view = new DataView(mode.buffer);
    view.setUint32(localFlags, view.getUint32(localFlags, true) & ~echo, true);
  });
}

function change(edit: (mode: Uint8Array<ArrayBuffer>) => void): Disposable {
  if (!isTerminal(stdin)) return { [Symbol.dispose]: () => undefined };
  const before = readMode();
  const changed = before.slice();
  edit(changed);
  writeMode(changed);
  const restore = () => writeMode(before);
  const endBy = (signal: NodeJS.Signals) => {
    dispose();
    process.kill(process.pid, signal);
  };
  const dispose = () => {
    restore();
    process.off('exit', restore);
    for (const signal of endings) process.off(signal, endBy);
  };
  process.on('exit', restore);
  for (const signal of endings) process.on(signal, endBy);
  return { [Symbol.dispose]: dispose };
}

function libc() {
  const { symbols } = dlopen('libc.so.6', {
    tcgetattr: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
    tcsetattr: { args: [FFIType.i32, FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
    cfmakeraw: { args: [FFIType.ptr], returns: FFIType.void },
  });
  return symbols;
}

function readMode(): Uint8Array<ArrayBuffer> {
  const mode = new Uint8Array(termiosSize);
  if (libc().tcgetattr(stdin, ptr(mode)) !== 0)
    throw new UnavailableError('cannot read the mode of the terminal');
  return mode;
}

function writeMode(mode: Uint8Array): void {
  libc().tcsetattr(stdin, setNow, ptr(mode));
}
