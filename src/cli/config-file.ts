/**
 * ~/.docker/config.json, docker's own format, so that one login serves both CLIs. Keys we don't know stay as they are.
 * Secrets: `auths` holds them as base64 unless `credsStore` or `credHelpers` names a helper (credentials.ts).
 */
import { errnoOf, InvalidError, messageOf } from '../lib/errors.ts';
import { nodeFs } from './node-fs.ts';

export interface StoredAuth {
  /** base64 of `user:password`. */
  readonly auth?: string;
  readonly identitytoken?: string;
}

interface Contents {
  auths?: Record<string, StoredAuth>;
  HttpHeaders?: Record<string, string>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
  detachKeys?: string;
  psFormat?: string;
  imagesFormat?: string;
  currentContext?: string;
  [key: string]: unknown;
}

export class ConfigFile {
  readonly path: string;
  readonly #directory: string;
  readonly #contents: Contents;

  constructor(directory: string, contents: Contents) {
    this.#directory = directory;
    this.path = `${directory}/config.json`;
    this.#contents = contents;
  }

  get headers(): Record<string, string> {
    return this.#contents.HttpHeaders ?? {};
  }

  get detachKeys(): string | undefined {
    return this.#contents.detachKeys;
  }

  get psFormat(): string | undefined {
    return this.#contents.psFormat;
  }

  get imagesFormat(): string | undefined {
    return this.#contents.imagesFormat;
  }

  get currentContext(): string | undefined {
    return this.#contents.currentContext;
  }

  /** Stores which context is the current one; undefined for the default one, which docker leaves out. */
  async setCurrentContext(name: string | undefined): Promise<void> {
    delete this.#contents.currentContext;
    if (name !== undefined) this.#contents.currentContext = name;
    await this.#save();
  }

  /** The helper that keeps this server's secret; undefined where the file itself does. */
  helperFor(server: string): string | undefined {
    return this.#contents.credHelpers?.[server] ?? (this.#contents.credsStore || undefined);
  }

  /** What the file holds for a server. */
  auth(server: string): StoredAuth | undefined {
    return this.#contents.auths?.[server];
  }

  /** The servers the file knows of, in its order. */
  get servers(): readonly string[] {
    return Object.keys(this.#contents.auths ?? {});
  }

  /** Stores a server's secret, or with `undefined` forgets it; the file is whole or unchanged, and readable by its owner alone. */
  async setAuth(server: string, auth: StoredAuth | undefined): Promise<void> {
    const { [server]: _old, ...others } = this.#contents.auths ?? {};
    this.#contents.auths = auth ? { ...others, [server]: auth } : others;
    await this.#save();
  }

  async #save(): Promise<void> {
    const { writeFileAtomic } = await import('../lib/atomic-file.ts');
    nodeFs().mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    await writeFileAtomic(linkedPath(this.path), JSON.stringify(this.#contents, undefined, '\t'), 0o600);
  }
}

/** Where a link leads: people keep this file elsewhere, and the link is to stay. */
function linkedPath(path: string): string {
  try {
    return nodeFs().realpathSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return path;
    throw error;
  }
}

/** Reads the file; a missing one is an empty one. @throws InvalidError where it isn't a JSON object. */
export async function readConfigFile(directory: string): Promise<ConfigFile> {
  const path = `${directory}/config.json`;
  try {
    await Bun.file(path).stat();
    return new ConfigFile(directory, parseContents(nodeFs().readFileSync(path, 'utf8')));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return new ConfigFile(directory, {});
    throw new InvalidError(`cannot load config file: ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function parseContents(text: string): Contents {
  if (text.trim() === '') return {};
  const contents: unknown = JSON.parse(text);
  if (typeof contents !== 'object' || contents === null || Array.isArray(contents)) {
    throw new InvalidError('not a JSON object');
  }
  return contents as Contents;
}
