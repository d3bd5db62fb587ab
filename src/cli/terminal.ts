/** The size of the terminal, and news of a new one. */
import { isTerminal } from './terminal-facts.ts';

export interface TerminalSize {
  readonly h: number;
  readonly w: number;
}

function sizeOf(descriptor: number): TerminalSize | undefined {
  // Loaded here: node:tty costs more time than all the rest of a command that isn't interactive.
  const { WriteStream } = process.getBuiltinModule('node:tty');
  const [w, h] = new WriteStream(descriptor).getWindowSize();
  return w > 0 || h > 0 ? { h, w } : undefined;
}

/** The size of the terminal behind stdout, or else stdin; undefined where neither is one. */
export function terminalSize(): TerminalSize | undefined {
  const descriptor = [1, 0, 2].find((each) => isTerminal(each));
  return descriptor === undefined ? undefined : sizeOf(descriptor);
}

/** Calls `changed` whenever the window's size has changed, until disposed of. */
export function onResize(changed: () => void): Disposable {
  process.on('SIGWINCH', changed);
  return { [Symbol.dispose]: () => void process.off('SIGWINCH', changed) };
}
