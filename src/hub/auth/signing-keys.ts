/** The keys that sign tokens: ES256, one file each in data/hub/keys, readable by the hub alone. The newest signs, all verify. */
import { mkdir, readFile, readdir } from 'node:fs/promises';
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

export const signingAlgorithm = 'ES256';

export interface SigningKeys {
  readonly id: string;
  readonly privateKey: CryptoKey;
  /** By key id: only a key of our own is ever looked up, whatever a token's header says. */
  readonly publicKeys: ReadonlyMap<string, CryptoKey>;
}

/** Reads the keys in `directory`; makes the first one. */
export async function loadSigningKeys(directory: string): Promise<SigningKeys> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const names = await keyFiles(directory);
  if (names.length === 0) {
    await createKey(directory);
    names.push(...(await keyFiles(directory)));
  }
  const publicKeys = new Map<string, CryptoKey>();
  let newest: { id: string; privateKey: CryptoKey } | undefined;
  for (const name of names) {
    const key = await readKey(join(directory, name));
    publicKeys.set(key.id, key.publicKey);
    newest = key;
  }
  if (!newest) throw new CorruptError(`cannot read the hub's keys: ${directory} is empty`);
  return { id: newest.id, privateKey: newest.privateKey, publicKeys };
}

async function keyFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names.filter((name) => /^token-.*\.jwk$/.test(name)).toSorted();
}

async function createKey(directory: string): Promise<void> {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const day = new Date().toISOString().slice(0, 10);
  const path = join(directory, `token-${day}-${crypto.randomUUID().slice(0, 8)}.jwk`);
  await writeFileAtomic(path, `${JSON.stringify(jwk)}\n`, 0o600);
}

async function readKey(path: string): Promise<{ id: string; privateKey: CryptoKey; publicKey: CryptoKey }> {
  try {
    const jwk = JSON.parse(await readFile(path, 'utf8')) as JWK;
    const { d: _, ...publicJwk } = jwk;
    return {
      id: await calculateJwkThumbprint(publicJwk),
      privateKey: (await importJWK(jwk, signingAlgorithm)) as CryptoKey,
      publicKey: (await importJWK(publicJwk, signingAlgorithm)) as CryptoKey,
    };
  } catch (cause) {
    throw new CorruptError(`cannot read the key in ${path}: remove the file to have a new one made`, {
      cause,
    });
  }
}
