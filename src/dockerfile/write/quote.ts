/**
 * Text as it has to stand in a Dockerfile to be read as itself. Everything here comes from images, which others made:
 * nothing of it may become a line of its own.
 */

/** What cannot stand in a Dockerfile outside a heredoc: it ends a line, or a reader may take it for the end. */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f\u0085\u2028\u2029]/;

/** False for what no quoting carries: a value with a line break. */
export function fitsOneLine(text: string): boolean {
  return !controls.test(text.replaceAll('\t', ''));
}

/** A word of ENV, LABEL, ARG: plain where that is enough, else in double quotes. */
export function quotedValue(value: string): string {
  if (/^[\w@%+=:,./~^-]+$/.test(value)) return value;
  return `"${value.replaceAll(/[\\"$]/g, String.raw`\$&`)}"`;
}

/** The rest of a line in which variables are replaced and quotes are taken off: USER, WORKDIR, EXPOSE, STOPSIGNAL. */
export function escapedWord(word: string): string {
  return word.replaceAll(/[\\"'$]/g, String.raw`\$&`);
}

/** The JSON form. */
export function jsonList(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}

/** A line of comment. */
export function comment(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return `# ${text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim()}`;
}

/** A path as a word of a POSIX shell; one that ends in a line break loses it. */
export function shellPath(path: Buffer): string {
  const text = path.toString();
  const isText = Buffer.from(text).equals(path) && !controls.test(text);
  if (isText && /^[\w@%+=:,./-]+$/.test(text)) return text;
  if (isText) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const octal = [...path].map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : octalOf(byte))).join('');
  return `"$(printf '${octal}')"`;
}

function isPlain(byte: number): boolean {
  return /[\w@+=:,./-]/.test(String.fromCharCode(byte));
}

function octalOf(byte: number): string {
  return `\\${byte.toString(8).padStart(3, '0')}`;
}
