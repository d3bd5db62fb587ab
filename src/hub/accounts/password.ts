/**
 * Passwords: argon2id, in OWASP's second recommended setting (19 MiB, 2 rounds).
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
import { InvalidError } from '../../lib/errors.ts';

const argon = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const;
const minLength = 8;
const maxLength = 1024;

/** A password as given at sign-up or for a change. @throws InvalidError when it is too short or too long. */
export function checkPassword(text: string): string {
  if (text.length < minLength) throw new InvalidError(`a password has at least ${minLength} characters`);
  if (text.length > maxLength) throw new InvalidError(`a password has at most ${maxLength} characters`);
  return text;
}

export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(password, argon);
}

/** How long a password that was right is remembered: clients send it again for every token. */
const rememberedFor = 60_000;
const maxRemembered = 1024;

/** Compares passwords with hashes, in the same time whether there is an account or not. */
export class PasswordVerifier {
  /**
   * Keyed by a MAC over hash and password under a key that dies with the process: no password is kept.
   * One comparison serves all who ask at the same time: a push asks for several tokens at once.
   */
  readonly #verified = new Map<string, { readonly right: Promise<boolean>; readonly until: number }>();
  readonly #key = crypto.getRandomValues(new Uint8Array(32));
  #dummy: Promise<string> | undefined;

  /** @param hash undefined when nobody has that name: the answer is false, after the same work. */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    if (password === '' || password.length > maxLength) return false;
    if (hash === undefined) {
      this.#dummy ??= hashPassword(crypto.randomUUID());
      await Bun.password.verify(password, await this.#dummy);
      return false;
    }
    const key = new Bun.CryptoHasher('sha256', this.#key).update(`${hash}\0${password}`).digest('hex');
    const known = this.#verified.get(key);
    if (known && known.until > performance.now()) return known.right;
    const right = Bun.password.verify(password, hash);
    this.#remember(key, right);
    // Only what was right is remembered.
    if (!(await right.catch(() => false))) this.#verified.delete(key);
    return right;
  }

  #remember(key: string, right: Promise<boolean>): void {
    const oldest = this.#verified.keys().next();
    if (this.#verified.size >= maxRemembered && !oldest.done) this.#verified.delete(oldest.value);
    this.#verified.set(key, { right, until: performance.now() + rememberedFor });
  }
}
