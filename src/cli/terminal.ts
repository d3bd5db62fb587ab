/** The size of the terminal, and news of a new one. */
import { isatty, WriteStream } from 'node:tty';

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

/** Calls `changed` whenever the window's size has changed, until disposed of. */
export function onResize(changed: () => void): Disposable {
  process.on('SIGWINCH', changed);
  return { [Symbol.dispose]: () => void process.off('SIGWINCH', changed) };
}
