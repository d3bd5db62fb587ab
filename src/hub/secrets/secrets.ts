/**
 * Secrets of other services that the hub has to show there: sealed with a key that is a file beside the database, so that neither
 * the database nor a copy of it tells them. Copies of a hub over one database need the same file.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptError, errnoOf, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { syncDirectory, writeFileAtomic } from '../../lib/atomic-file.ts';

const algorithm = 'aes-256-gcm';
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16];
const maxFile = 4096;

export class Secrets {
  readonly #keysDirectory: string;
  readonly #filesDirectory: string;
  #key: Promise<Buffer> | undefined;

  /** Reads and makes nothing before it is asked. @param filesDirectory where those secrets are that are files. */
  constructor(keysDirectory: string, filesDirectory: string) {
    this.#keysDirectory = keysDirectory;
    this.#filesDirectory = filesDirectory;
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
        'the password was stored with another key: set it again, or bring secrets.key back',
        {
          cause,
        },
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
    const path = join(this.#keysDirectory, 'secrets.key');
    for (;;) {
      try {
        const key = Buffer.from(await readFile(path, 'utf8'), 'base64url');
        if (key.byteLength === keyBytes) return key;
        throw new CorruptError(
          `${path} is not a key: bring it back from a backup, or remove it and set passwords again`,
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
