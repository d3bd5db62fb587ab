/**
 * The keys that sign tokens: ES256, one file each in data/hub/keys, readable by the hub alone. The newest signs. An older one
 * verifies until the last token that it signed has ended, then its file goes. Files may change while the hub runs: by
 * `cais hub keys rotate`, or by another hub over the same directory.
 */
import { mkdir, readFile, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { writeFileAtomic } from '../../lib/atomic-file.ts';
import { CorruptError } from '../../lib/errors.ts';
import { tokenLifetime } from './token-lifetime.ts';

export const signingAlgorithm = 'ES256';

interface SigningKey {
  readonly id: string;
  readonly name: string;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly publicJwk: JWK;
}

const searchInterval = 1000;

/** After the last of its tokens a key is kept for a little longer: clocks differ. */
const keptAfter = (tokenLifetime + 60) * 1000;

export class SigningKeys {
  readonly #directory: string;
  #keys: readonly SigningKey[] = [];
  #nextSearch = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Reads the keys in `directory`; makes the first one. */
  static async open(directory: string): Promise<SigningKeys> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const keys = new SigningKeys(directory);
    if ((await keyFiles(directory)).length === 0) await createKey(directory, Date.now());
    await keys.reload();
    return keys;
  }

  /** The key that signs. */
  get current(): { readonly id: string; readonly privateKey: CryptoKey } {
    const newest = this.#keys.at(-1);
    if (!newest) throw new CorruptError(`cannot read the hub's keys: ${this.#directory} is empty`);
    return newest;
  }

  /** Only a key of our own is ever found, whatever a token's header says. */
  publicKey(id: string): CryptoKey | undefined {
    return this.#keys.find((key) => key.id === id)?.publicKey;
  }

  /** As `publicKey`; looks for one that another hub over the same directory may have made since. */
  async findPublicKey(id: string): Promise<CryptoKey | undefined> {
    const known = this.publicKey(id);
    if (known || Date.now() < this.#nextSearch) return known;
    // Whoever makes up ids does not keep the disk busy.
    this.#nextSearch = Date.now() + searchInterval;
    await this.reload();
    return this.publicKey(id);
  }

  /** https://www.rfc-editor.org/rfc/rfc7517#section-5 */
  get keySet(): { readonly keys: readonly JWK[] } {
    const keys = this.#keys.map(({ id, publicJwk }) => ({
      ...publicJwk,
      kid: id,
      alg: signingAlgorithm,
      use: 'sig',
    }));
    return { keys };
  }

  /** Reads what is new in the directory and drops what is gone. True when anything changed. */
  async reload(): Promise<boolean> {
    const names = await keyFiles(this.#directory);
    const known = new Map(this.#keys.map((key) => [key.name, key]));
    const isSame = names.length === known.size && names.every((name) => known.has(name));
    if (isSame) return false;
    const read = async (name: string): Promise<SigningKey> =>
      known.get(name) ?? readKey(this.#directory, name);
    this.#keys = await Promise.all(names.map(read));
    return true;
  }

  /** A new key signs from here on. */
  async rotate(now = Date.now()): Promise<void> {
    await createKey(this.#directory, now);
    await this.reload();
  }

  /** Removes the keys that the newest one replaced so long ago that no token of theirs runs. */
  async removeEnded(now = Date.now()): Promise<void> {
    for (const [index, { name }] of this.#keys.entries()) {
      const next = this.#keys[index + 1];
      if (next && next.createdAt + keptAfter < now) await unlink(join(this.#directory, name));
    }
    await this.reload();
  }

  /** Removes all keys but the newest: what they signed is refused from here on. */
  async removeOld(): Promise<void> {
    for (const { name } of this.#keys.slice(0, -1)) await unlink(join(this.#directory, name));
    await this.reload();
  }

  /** In milliseconds. */
  age(now = Date.now()): number {
    return now - (this.#keys.at(-1)?.createdAt ?? now);
  }
}

/** Oldest first: the names begin with the time. */
async function keyFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names.filter((name) => /^token-.*\.jwk$/.test(name)).toSorted();
}

async function createKey(directory: string, now: number): Promise<void> {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const time = new Date(now).toISOString().replaceAll(':', '.');
  const path = join(directory, `token-${time}-${crypto.randomUUID().slice(0, 8)}.jwk`);
  await writeFileAtomic(path, `${JSON.stringify(jwk)}\n`, 0o600);
}

async function readKey(directory: string, name: string): Promise<SigningKey> {
  const path = join(directory, name);
  try {
    const jwk = JSON.parse(await readFile(path, 'utf8')) as JWK;
    const { d: _, ...publicJwk } = jwk;
    return {
      name,
      createdAt: timeOf(name),
      id: await calculateJwkThumbprint(publicJwk),
      privateKey: (await importJWK(jwk, signingAlgorithm)) as CryptoKey,
      publicKey: (await importJWK(publicJwk, signingAlgorithm)) as CryptoKey,
      publicJwk,
    };
  } catch (cause) {
    throw new CorruptError(`cannot read the key in ${path}: remove the file to have a new one made`, {
      cause,
    });
  }
}

/** Of the name's time; the first keys had only a day. */
function timeOf(name: string): number {
  const [, day = '', time] = /^token-(\d{4}-\d{2}-\d{2})(?:T([\d.]+)Z)?-/.exec(name) ?? [];
  return Date.parse(time ? `${day}T${time.replace('.', ':').replace('.', ':')}Z` : day) || 0;
}
