/** Secrets that a program made up: shown to their holder once, kept here as their hash. */

/** 256 bits in letters that may stand in headers and addresses, after a prefix that tells what it is for. */
export function newSecret(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return prefix + bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
}

/** Nothing slow is needed: nobody guesses 256 bits. */
export function hashOf(secret: string): string {
  return new Bun.CryptoHasher('sha256').update(secret).digest('hex');
}
