/** Is a descriptor a terminal, and how wide: asked by every command, so without loading what only terminals need. */
import { nodeFs } from './node-fs.ts';

const defaultColumns = 80;

/** True for a terminal; a file, a pipe or /dev/null is none. */
export function isTerminal(descriptor: number): boolean {
  try {
    if (!nodeFs().fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    // Closed by whoever started us.
    return false;
  }
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}

/** The width of the terminal; 80 where it is none or doesn't say. */
export function terminalColumns(descriptor: number): number {
  if (!isTerminal(descriptor)) return defaultColumns;
  const { WriteStream } = process.getBuiltinModule('node:tty');
  const [columns] = new WriteStream(descriptor).getWindowSize();
  return columns > 0 ? columns : defaultColumns;
}
