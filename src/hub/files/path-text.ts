/** Paths in the API: bytes as they are, those that are no plain ASCII percent-encoded, so that every name can be asked for. */

/** @param path in latin1. */
export function encodePath(path: string): string {
  return path.replaceAll(
    /[^\w./~!$&'()*+,;=:@-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** Slashes at either end mean nothing. What is not encoded is UTF-8. @returns latin1 */
export function decodePath(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/^\/+|\/+$/g, '');
}

/** As people read it. */
export function readablePath(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}
