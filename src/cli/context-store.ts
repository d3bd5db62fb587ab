/**
 * Docker's own store of contexts, so that both CLIs share them: below ~/.docker/contexts a directory for each name's
 * SHA-256, with meta.json and, in another tree, the PEM files of its TLS.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../lib/atomic-file.ts';
import { errnoOf, InvalidError, messageOf, NotFoundError } from '../lib/errors.ts';
import { defaultContext } from './config.ts';

interface ContextEndpoint {
  readonly host: string;
  readonly skipsTlsVerify: boolean;
}

export interface Context {
  readonly name: string;
  readonly description: string | undefined;
  readonly endpoint: ContextEndpoint;
  /** By docker's names: ca.pem, cert.pem, key.pem. */
  readonly tls: ReadonlyMap<string, Uint8Array>;
}

const metadataSchema = z.looseObject({
  Name: z.string(),
  Metadata: z.looseObject({ Description: z.string().optional() }).default({}),
  Endpoints: z.record(
    z.string(),
    z.looseObject({ Host: z.string().optional(), SkipTLSVerify: z.boolean().optional() }),
  ),
});

const tlsFiles = ['ca.pem', 'cert.pem', 'key.pem'];

/** @throws InvalidError in docker's words. */
export function checkContextName(name: string): void {
  if (name === defaultContext) throw new InvalidError('"default" is a reserved context name');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(name)) {
    throw new InvalidError(
      `context name ${JSON.stringify(name)} is invalid, names are validated against regexp "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$"`,
    );
  }
}

export class ContextStore {
  readonly #root: string;

  /** @param directory of config.json. */
  constructor(directory: string) {
    this.#root = join(directory, 'contexts');
  }

  metadataPath(name: string): string {
    return join(this.#root, 'meta', hashOf(name));
  }

  tlsPath(name: string): string {
    return join(this.#root, 'tls', hashOf(name));
  }

  has(name: string): boolean {
    return existsSync(join(this.metadataPath(name), 'meta.json'));
  }

  /** By name. */
  list(): Context[] {
    return entriesOf(join(this.#root, 'meta'))
      .flatMap((hash) => {
        const path = join(this.#root, 'meta', hash, 'meta.json');
        return existsSync(path) ? [this.get(parseMetadata(readFileSync(path, 'utf8'), path).Name)] : [];
      })
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  }

  /** @throws NotFoundError in docker's words. */
  get(name: string): Context {
    const path = join(this.metadataPath(name), 'meta.json');
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      if (errnoOf(cause) !== 'ENOENT') throw cause;
      throw new NotFoundError(
        `context ${JSON.stringify(name)}: context not found: open ${path}: no such file or directory`,
        { cause },
      );
    }
    return { ...parseContext(text, path), tls: this.#tlsOf(name) };
  }

  /** Replaces what there is of that name. */
  async put(context: Context): Promise<void> {
    const { name, tls } = context;
    mkdirSync(this.metadataPath(name), { recursive: true, mode: 0o755 });
    rmSync(this.tlsPath(name), { recursive: true, force: true });
    if (tls.size > 0) {
      const directory = join(this.tlsPath(name), 'docker');
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      for (const [file, bytes] of tls) await writeFileAtomic(join(directory, file), bytes, 0o600);
    }
    await writeFileAtomic(join(this.metadataPath(name), 'meta.json'), formatContext(context));
  }

  remove(name: string): void {
    for (const path of [this.metadataPath(name), this.tlsPath(name)])
      rmSync(path, { recursive: true, force: true });
  }

  #tlsOf(name: string): Map<string, Uint8Array> {
    const directory = join(this.tlsPath(name), 'docker');
    const present = new Set(entriesOf(directory));
    return new Map(
      tlsFiles.filter((file) => present.has(file)).map((file) => [file, readFileSync(join(directory, file))]),
    );
  }
}

/** The bytes of meta.json. */
export function formatContext({ name, description, endpoint }: Context): string {
  return JSON.stringify({
    Name: name,
    Metadata: description ? { Description: description } : {},
    Endpoints: { docker: { Host: endpoint.host, SkipTLSVerify: endpoint.skipsTlsVerify } },
  });
}

/** @param path for the message. @throws InvalidError */
export function parseContext(text: string, path: string): Omit<Context, 'tls'> {
  const { Name, Metadata, Endpoints } = parseMetadata(text, path);
  const { Host = '', SkipTLSVerify = false } = Endpoints['docker'] ?? {};
  return {
    name: Name,
    description: Metadata.Description,
    endpoint: { host: Host, skipsTlsVerify: SkipTLSVerify },
  };
}

function parseMetadata(text: string, path: string): z.infer<typeof metadataSchema> {
  try {
    return metadataSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InvalidError(`parsing ${path}: ${messageOf(cause)}`, { cause });
  }
}

function hashOf(name: string): string {
  return new Bun.CryptoHasher('sha256').update(name).digest('hex');
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
