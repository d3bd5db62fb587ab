/** The terminal on stdin: raw mode that is always given back, its size, and news of a new size. */
import { isatty, ReadStream, WriteStream } from 'node:tty';

export interface TerminalSize {
  readonly h: number;
  readonly w: number;
}

function sizeOf(descriptor: number): TerminalSize | undefined {
  const [w, h] = new WriteStream(descriptor).getWindowSize();
  return w > 0 || h > 0 ? { h, w } : undefined;
}

/** The size of the terminal behind stdout, or else stdin; undefined where neither is one. */
export function terminalSize(): TerminalSize | undefined {
  const descriptor = [1, 0, 2].find((each) => isatty(each));
  return descriptor === undefined ? undefined : sizeOf(descriptor);
}

/** Keys come one by one and unseen until this is disposed of. Does nothing where stdin is no terminal. */
export function rawMode(): Disposable {
  if (!isatty(0)) return { [Symbol.dispose]: () => undefined };
  const stream = new ReadStream(0);
  stream.setRawMode(true);
  let isRaw = true;
  return {
    [Symbol.dispose]: () => {
      if (isRaw) stream.setRawMode(false);
      isRaw = false;
    },
  };
}

/** Calls `changed` whenever the window's size has changed, until disposed of. */
export function onResize(changed: () => void): Disposable {
  process.on('SIGWINCH', changed);
  return { [Symbol.dispose]: () => void process.off('SIGWINCH', changed) };
}
