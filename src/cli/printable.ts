/** Text of others, as it may be shown on a terminal: what would move the cursor or turn the line around is written out. */

/** Controls, and the marks that change the direction of what follows. */
const unprintable =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** `\n` → `\x0a`, a backslash is doubled: two different texts never look the same. */
export function printable(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(unprintable, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** The same of bytes: what is no UTF-8 is written out byte by byte. */
export function printableBytes(bytes: Uint8Array): string {
  let shown = '';
  for (let at = 0; at < bytes.length;) {
    const character = characterAt(bytes, at);
    shown += character === undefined ? `\\x${hex(bytes[at] ?? 0, 2)}` : printable(character);
    at += character === undefined ? 1 : Buffer.byteLength(character);
  }
  return shown;
}

function characterAt(bytes: Uint8Array, at: number): string | undefined {
  const first = bytes[at] ?? 0;
  const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(at, at + size));
  } catch {
    return undefined;
  }
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
