/**
 * TLS on the way to PostgreSQL, in libpq's words: `sslmode` and its files in the address, or PGSSLMODE and the like. The
 * driver's own reading of them checks more than `require` asks for and knows no variable for the files.
 * https://www.postgresql.org/docs/current/libpq-ssl.html
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { InvalidError, messageOf } from '../../lib/errors.ts';

export interface PostgresTls {
  /** The address without the words about TLS. */
  readonly url: string;
  /** false: none. */
  readonly ssl: ConnectionOptions | false;
}

type Environment = Readonly<Record<string, string | undefined>>;

const words = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;
type Word = (typeof words)[number];

/** @throws InvalidError for a mode that is not known or a file that cannot be read. */
export function readPostgresTls(address: string, env: Environment): PostgresTls {
  const [place = '', query = ''] = address.split('?');
  const parameters = new URLSearchParams(query);
  const given = new Map<Word, string>();
  for (const word of words) {
    const value = parameters.get(word) ?? env[`PG${word.toUpperCase()}`];
    if (value) given.set(word, value);
    parameters.delete(word);
  }
  const rest = parameters.toString();
  return { url: rest === '' ? place : `${place}?${rest}`, ssl: optionsOf(given) };
}

function optionsOf(given: ReadonlyMap<Word, string>): ConnectionOptions | false {
  const mode = given.get('sslmode') ?? 'disable';
  if (mode === 'disable') return false;
  const root = given.get('sslrootcert');
  const files = {
    ...(root !== undefined && root !== 'system' && { ca: contentOf('sslrootcert', root) }),
    ...contentsOf(given, 'sslcert', 'cert'),
    ...contentsOf(given, 'sslkey', 'key'),
  };
  switch (mode) {
    case 'require':
      // With a root it is verify-ca, as with libpq.
      return root === undefined ? { ...files, rejectUnauthorized: false } : { ...files, checkServerIdentity };
    case 'verify-ca':
      return { ...files, checkServerIdentity };
    case 'verify-full':
      return files;
    default:
      throw new InvalidError(
        `the database's sslmode is ${JSON.stringify(mode)}: disable, require, verify-ca or verify-full is expected`,
      );
  }
}

/** Any name will do. */
const checkServerIdentity = () => undefined;

function contentsOf(given: ReadonlyMap<Word, string>, word: Word, name: 'cert' | 'key') {
  const path = given.get(word);
  return path === undefined ? {} : { [name]: contentOf(word, path) };
}

function contentOf(word: Word, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new InvalidError(`cannot read the database's ${word}: ${messageOf(cause)}`, { cause });
  }
}
