/**
 * `--chmod`: octal digits, or changes as chmod(1) takes them. https://man.freebsd.org/cgi/man.cgi?chmod
 */
import { InvalidError } from '../../../lib/errors.ts';

/** The mode of a copy, from that of its source: 12 bits. */
export type ModeChange = (mode: number, isDirectory: boolean) => number;

export interface ParsedMode {
  readonly change: ModeChange;
  /** What directories are made with that are missing on the way to the destination. */
  readonly directories: number;
}

const userBits = 0o4700;
const groupBits = 0o2070;
const otherBits = 0o007;
const sticky = 0o1000;
const everyRead = 0o444;
const everyWrite = 0o222;
const everyExecute = 0o111;

/** @throws InvalidError in BuildKit's words. */
export function checkMode(mode: string): void {
  parseMode(mode);
}

/** @param mode as in `--chmod`; undefined leaves modes as they are. @throws InvalidError */
export function parseMode(mode: string | undefined): ParsedMode {
  if (mode === undefined) return { change: (old) => old, directories: 0o755 };
  if (/^[0-9]/.test(mode)) {
    const octal = /^[0-7]+$/.test(mode) ? Number.parseInt(mode, 8) : 0o10000;
    if (octal > 0o7777) {
      throw new InvalidError(
        `invalid chmod parameter: '${mode}'. it should be octal string and between 0 and 07777`,
      );
    }
    return { change: () => octal, directories: octal };
  }
  const changes = mode.split(',').flatMap((clause) => parseClause(clause, mode));
  return {
    change: (old, isDirectory) =>
      changes.reduce((now, change) => change(now, { old, isDirectory }), old) & 0o7777,
    directories: 0o755,
  };
}

type Change = (now: number, file: { readonly old: number; readonly isDirectory: boolean }) => number;

/** `ugo+rwx`, with more operators behind it: `u=rw-x`. */
function parseClause(clause: string, whole: string): Change[] {
  const match = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause);
  if (!match) throw new InvalidError(`invalid chmod parameter: '${whole}': invalid syntax`);
  const [, who = '', operations = ''] = match;
  const scope = scopeOf(who);
  return [...operations.matchAll(/([-+=])([rwxXstugo]*)/g)].map(
    ([, operator = '', letters = '']): Change =>
      (now, file) => {
        const bits = bitsOf(letters, now, file) & scope;
        if (operator === '+') return now | bits;
        if (operator === '-') return now & ~bits;
        // The sticky bit and those for other identities go only where they are in the scope.
        return (now & ~(scope & (letters.includes('t') ? 0o7777 : 0o6777))) | bits;
      },
  );
}

function scopeOf(who: string): number {
  if (who === '') return 0o7777;
  let scope = 0;
  for (const letter of who) {
    if (letter === 'u') scope |= userBits | sticky;
    else if (letter === 'g') scope |= groupBits | sticky;
    else if (letter === 'o') scope |= otherBits;
    else scope |= 0o7777;
  }
  return scope;
}

function bitsOf(
  letters: string,
  now: number,
  { old, isDirectory }: { readonly old: number; readonly isDirectory: boolean },
): number {
  let bits = 0;
  for (const letter of letters) {
    if (letter === 'r') bits |= everyRead;
    else if (letter === 'w') bits |= everyWrite;
    else if (letter === 'x') bits |= everyExecute;
    else if (letter === 's') bits |= 0o6000;
    else if (letter === 't') bits |= sticky;
    else if (letter === 'X') bits |= isDirectory || (old & everyExecute) !== 0 ? everyExecute : 0;
    else bits |= copiesOf(now >> (letter === 'u' ? 6 : letter === 'g' ? 3 : 0));
  }
  return bits;
}

/** Three bits for everybody. */
function copiesOf(bits: number): number {
  const three = bits & 7;
  return (three << 6) | (three << 3) | three;
}
