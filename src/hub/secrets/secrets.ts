/**
 * Secrets of other services that the hub has to show there, or shares with them: sealed with a key that is a file beside the
 * database, or a setting, so that neither the database nor a copy of it tells them. Copies of a hub over one database need the same.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptError, errnoOf, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { syncDirectory, writeFileAtomic } from '../../lib/atomic-file.ts';

const algorithm = 'aes-256-gcm';
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16];
const keyName = 'secrets.key';
const maxFile = 4096;

export interface SecretPlaces {
  /** What seals; undefined: a file of `keysDirectory`, which is made when it is not there. */
  readonly secretsKey: Buffer | undefined;
  readonly keysDirectory: string;
  /** Where those secrets are that are files. */
  readonly secretsDirectory: string;
  /** Of a database that several copies of the hub may share. */
  readonly postgres?: unknown;
}

/** Also of the other alphabet of base64. @throws InvalidError, which does not repeat it. */
export function readSecretsKey(text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.byteLength === keyBytes) return key;
  throw new InvalidError(
    `${keyBytes} bytes in base64 are expected, as head -c ${keyBytes} /dev/urandom | base64 tells`,
  );
}

export class Secrets {
  readonly #keysDirectory: string;
  readonly #filesDirectory: string;
  readonly #given: Buffer | undefined;
  readonly #isShared: boolean;
  #key: Promise<Buffer> | undefined;

  /** Reads and makes nothing before it is asked. */
  constructor({ secretsKey, keysDirectory, secretsDirectory, postgres }: SecretPlaces) {
    this.#given = secretsKey;
    this.#isShared = postgres !== undefined;
    this.#keysDirectory = keysDirectory;
    this.#filesDirectory = secretsDirectory;
  }

  /** Whether all copies of the hub can open what is sealed here: a file of this copy's is of no use to the others. */
  get isEverybodys(): boolean {
    return this.#given !== undefined || !this.#isShared;
  }

  async seal(text: string): Promise<string> {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, await this.#sealingKey(), nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** @throws CorruptError when it was sealed with another key. */
  async open(sealed: string): Promise<string> {
    const bytes = Buffer.from(sealed, 'base64url');
    const key = await this.#sealingKey();
    try {
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes));
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      const text = [decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()];
      return Buffer.concat(text).toString('utf8');
    } catch (cause) {
      throw new CorruptError(
        `the secret was stored with another key: set it again, or bring ${this.#given ? 'that key' : keyName} back`,
        { cause },
      );
    }
  }

  /** The first line of a file. @param name without a directory. @throws InvalidError, NotFoundError */
  async fromFile(name: string): Promise<string> {
    if (!isSecretFileName(name))
      throw new InvalidError('a secret file is named by letters, digits, . _ and -');
    try {
      await using file = await open(join(this.#filesDirectory, name), 'r');
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxFile));
      return buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1)[0] ?? '';
    } catch (cause) {
      if (errnoOf(cause) !== 'ENOENT') throw cause;
      throw new NotFoundError(`there is no file ${name} in ${this.#filesDirectory}`, { cause });
    }
  }

  #sealingKey(): Promise<Buffer> {
    this.#key ??= this.#openKey().catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #openKey(): Promise<Buffer> {
    if (this.#given) return this.#given;
    const path = join(this.#keysDirectory, keyName);
    for (;;) {
      try {
        const key = Buffer.from(await readFile(path, 'utf8'), 'base64url');
        if (key.byteLength === keyBytes) return key;
        throw new CorruptError(
          `${path} is not a key: bring it back from a backup, or remove it and set secrets again`,
        );
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error;
      }
      await mkdir(this.#keysDirectory, { recursive: true, mode: 0o700 });
      await this.#makeKey(path);
    }
  }

  /** Of two that make one at once the first has it. */
  async #makeKey(path: string): Promise<void> {
    const made = `${path}.${crypto.randomUUID()}`;
    await writeFileAtomic(made, randomBytes(keyBytes).toString('base64url'), 0o600);
    try {
      await link(made, path);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    } finally {
      await unlink(made);
    }
    await syncDirectory(this.#keysDirectory);
  }
}

export function isSecretFileName(name: string): boolean {
  return /^[\w-][\w.-]{0,63}$/.test(name);
}
