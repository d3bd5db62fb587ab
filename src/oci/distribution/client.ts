/**
 * A registry as the engine and the hub's pull-through see it: manifests, blobs and tags of its repositories.
 * Every call authorizes itself; what the registry refuses is thrown as RegistryError.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import { CorruptError, UnavailableError } from '../../lib/errors.ts';
import type { Descriptor } from '../image/descriptor.ts';
import { algorithmOf, type Digest, digestOf, tryParseDigest } from '../image/digest.ts';
import { maxManifestSize, parseManifest } from '../image/manifest.ts';
import { manifestAccept, mediaTypes } from '../image/media-type.ts';
import { isTag, type RepositoryName } from '../image/reference.ts';
import { repositoryScope, type Scope } from './challenge.ts';
import { type Call, type ConnectionOptions, RegistryConnection } from './connection.ts';
import { RegistryError } from './errors.ts';
import { contentDigestHeader, registryPaths, subjectHeader } from './protocol.ts';
import { discard, emptyStream, readBounded } from './response-body.ts';

export interface ReceivedManifest {
  readonly digest: Digest;
  /** The Content-Type that it came with. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A part of a blob on its way. */
export interface ReceivedBlob {
  /** Where the bytes begin: 0 when the registry does not know ranges. */
  readonly offset: number;
  readonly stream: ReadableStream<Uint8Array>;
}

/** An upload session: where to send the bytes next. */
export interface UploadSession {
  readonly url: URL;
}

export class RegistryClient {
  readonly #connection: RegistryConnection;
  readonly #actions: readonly ('pull' | 'push')[];

  /** @param actions what will be done to repositories: tokens are asked for all of it at once. */
  constructor(options: ConnectionOptions, actions: readonly ('pull' | 'push')[] = ['pull']) {
    this.#connection = new RegistryConnection(options);
    this.#actions = actions;
  }

  /** The refresh token that came with a token, if any. */
  get identityToken(): string | undefined {
    return this.#connection.identityToken;
  }

  /** Checks that a registry answers, and that it lets these credentials in. */
  async ping(): Promise<void> {
    await discard(await this.#connection.call({ method: 'GET', path: registryPaths.base, scopes: [] }));
  }

  /** @param reference a tag or a digest. @throws CorruptError when the bytes are not what the digest says. */
  async getManifest(
    name: RepositoryName,
    reference: string,
    signal?: AbortSignal,
  ): Promise<ReceivedManifest> {
    const response = await this.#connection.call({
      method: 'GET',
      path: registryPaths.manifest(name.path, reference),
      headers: { Accept: manifestAccept.join(', ') },
      signal,
      scopes: this.#scopes(name),
    });
    const bytes = await readBounded(response, maxManifestSize);
    const expected =
      tryParseDigest(reference) ?? tryParseDigest(response.headers.get(contentDigestHeader) ?? '');
    const digest = digestOf(bytes, expected && algorithmOf(expected));
    if (expected && digest !== expected) {
      throw new CorruptError(`manifest verification failed for digest ${expected}: got ${digest}`);
    }
    return { digest, mediaType: mediaTypeOf(response), bytes };
  }

  /** What is known of a manifest without fetching it; undefined when there is none. */
  async headManifest(
    name: RepositoryName,
    reference: string,
    signal?: AbortSignal,
  ): Promise<Descriptor | undefined> {
    const response = await this.#find({
      method: 'HEAD',
      path: registryPaths.manifest(name.path, reference),
      headers: { Accept: manifestAccept.join(', ') },
      signal,
      scopes: this.#scopes(name),
    });
    if (!response) return undefined;
    const digest = tryParseDigest(response.headers.get(contentDigestHeader) ?? '');
    if (!digest) {
      const { bytes, ...received } = await this.getManifest(name, reference, signal);
      return { ...received, size: bytes.byteLength };
    }
    return {
      digest,
      mediaType: mediaTypeOf(response),
      size: Number(response.headers.get('Content-Length') ?? 0),
    };
  }

  /** @returns whether the registry lists a manifest with a subject among the referrers of that. */
  async putManifest(
    name: RepositoryName,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
  ): Promise<{ readonly listsReferrers: boolean }> {
    const response = await this.#connection.call({
      method: 'PUT',
      path: registryPaths.manifest(name.path, reference),
      headers: { 'Content-Type': mediaType },
      body: bytes,
      scopes: this.#scopes(name),
    });
    await discard(response);
    return { listsReferrers: response.headers.has(subjectHeader) };
  }

  /** Removes a tag, or a manifest with all its tags. @returns false when it was not there. */
  async deleteManifest(name: RepositoryName, reference: string): Promise<boolean> {
    const path = registryPaths.manifest(name.path, reference);
    const scopes = [repositoryScope(name.path, 'delete')];
    return (await this.#find({ method: 'DELETE', path, scopes })) !== undefined;
  }

  /** What refers to a manifest, of the registry's first page; undefined where it does not list referrers. */
  async referrers(
    name: RepositoryName,
    subject: Digest,
    artifactType: string,
    signal?: AbortSignal,
  ): Promise<readonly Descriptor[] | undefined> {
    const path = `${registryPaths.referrers(name.path, subject)}?${new URLSearchParams({ artifactType })}`;
    try {
      const headers = { Accept: mediaTypes.ociIndex };
      const response = await this.#connection.call({
        method: 'GET',
        path,
        headers,
        signal,
        scopes: this.#scopes(name),
      });
      const manifest = parseManifest(await readBounded(response, maxManifestSize), mediaTypes.ociIndex);
      return manifest.kind === 'index' ? manifest.index.manifests : [];
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** The bytes of a blob from `offset` on, unverified. See transfer.ts for those that resume and verify. */
  async getBlob(
    name: RepositoryName,
    digest: Digest,
    offset = 0,
    signal?: AbortSignal,
  ): Promise<ReceivedBlob> {
    const response = await this.#connection.call({
      method: 'GET',
      path: registryPaths.blob(name.path, digest),
      ...(offset > 0 && { headers: { Range: `bytes=${offset}-` } }),
      ...(signal && { signal }),
      scopes: this.#scopes(name),
    });
    return { offset: response.status === 206 ? offset : 0, stream: response.body ?? emptyStream() };
  }

  /** A small blob, whole and verified. */
  async getSmallBlob(name: RepositoryName, descriptor: Descriptor, limit: number): Promise<Uint8Array> {
    const response = await this.#connection.call({
      method: 'GET',
      path: registryPaths.blob(name.path, descriptor.digest),
      scopes: this.#scopes(name),
    });
    const bytes = await readBounded(response, limit);
    const digest = digestOf(bytes, algorithmOf(descriptor.digest));
    if (digest !== descriptor.digest) {
      throw new CorruptError(`blob verification failed for digest ${descriptor.digest}: got ${digest}`);
    }
    return bytes;
  }

  async hasBlob(name: RepositoryName, digest: Digest): Promise<boolean> {
    const path = registryPaths.blob(name.path, digest);
    return (await this.#find({ method: 'HEAD', path, scopes: this.#scopes(name) })) !== undefined;
  }

  /** The size of a blob without fetching it; undefined when there is none. @throws CorruptError when it is not told. */
  async blobSize(name: RepositoryName, digest: Digest, signal?: AbortSignal): Promise<number | undefined> {
    const path = registryPaths.blob(name.path, digest);
    const response = await this.#find({ method: 'HEAD', path, signal, scopes: this.#scopes(name) });
    const length = response?.headers.get('Content-Length') ?? '';
    if (!response || /^\d{1,15}$/.test(length)) return response && Number(length);
    throw new CorruptError(`cannot read blob ${digest}: the registry does not tell its size`);
  }

  /** Takes a blob over from another repository of the registry. @returns the session to upload it with, when it can't. */
  async mountBlob(
    name: RepositoryName,
    digest: Digest,
    from: RepositoryName,
  ): Promise<'mounted' | UploadSession> {
    const query = new URLSearchParams({ mount: digest, from: from.path });
    const scopes = [...this.#scopes(name), repositoryScope(from.path, 'pull')];
    return this.#openUpload(`${registryPaths.uploads(name.path)}?${query}`, scopes);
  }

  async startUpload(name: RepositoryName): Promise<UploadSession> {
    const session = await this.#openUpload(registryPaths.uploads(name.path), this.#scopes(name));
    if (session === 'mounted') throw new UnavailableError('the registry opened no upload');
    return session;
  }

  /** How far a session has come that broke; undefined when the registry has nothing of it, or no longer knows it. */
  async findUpload(
    name: RepositoryName,
    { url }: UploadSession,
  ): Promise<{ readonly session: UploadSession; readonly offset: number } | undefined> {
    const response = await this.#find({ method: 'GET', url, scopes: this.#scopes(name) });
    // Registries say 0-0 of none and of one byte.
    const [, last = '0'] = /^(?:bytes=)?0-(\d{1,15})$/.exec(response?.headers.get('Range') ?? '') ?? [];
    if (!response || last === '0') return undefined;
    const at = URL.parse(response.headers.get('Location') ?? '', url) ?? url;
    return { session: { url: at }, offset: Number(last) + 1 };
  }

  /** Sends bytes into a session. @returns the session to go on with. */
  async sendChunk(
    name: RepositoryName,
    session: UploadSession,
    body: ReadableStream<Uint8Array>,
  ): Promise<UploadSession> {
    const response = await this.#connection.call({
      method: 'PATCH',
      url: session.url,
      headers: { 'Content-Type': 'application/octet-stream' },
      body,
      scopes: this.#scopes(name),
    });
    return this.#sessionOf(response, session.url);
  }

  /** Ends a session: the bytes sent become the blob, if their digest is this one. */
  async finishUpload(name: RepositoryName, session: UploadSession, digest: Digest): Promise<void> {
    const url = new URL(session.url);
    url.searchParams.set('digest', digest);
    await discard(await this.#connection.call({ method: 'PUT', url, body: '', scopes: this.#scopes(name) }));
  }

  /** Gives a session up. Best effort: registries forget them by themselves in time. */
  async cancelUpload(name: RepositoryName, session: UploadSession): Promise<void> {
    await this.#connection
      .call({ method: 'DELETE', url: session.url, scopes: this.#scopes(name) })
      .then(discard, () => undefined);
  }

  /** Every tag of a repository. */
  async *tags(name: RepositoryName): AsyncGenerator<string, void, undefined> {
    let url: URL | undefined = new URL(registryPaths.tags(name.path), await this.#connection.origin());
    for (let page = 0; url && page < 10_000; page++) {
      const response = await this.#connection.call({ method: 'GET', url, scopes: this.#scopes(name) });
      const next = nextPage(response, url);
      yield* readTags(await readBounded(response, maxManifestSize));
      url = next;
    }
  }

  /** Tags after `last`, in the registry's order. */
  async tagsAfter(
    name: RepositoryName,
    last: string,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly string[]> {
    const query = new URLSearchParams({ n: String(limit), ...(last !== '' && { last }) });
    const response = await this.#connection.call({
      method: 'GET',
      path: `${registryPaths.tags(name.path)}?${query}`,
      signal,
      scopes: this.#scopes(name),
    });
    return readTags(await readBounded(response, maxManifestSize));
  }

  #scopes(name: RepositoryName): Scope[] {
    return [repositoryScope(name.path, ...this.#actions)];
  }

  async #openUpload(path: string, scopes: readonly Scope[]): Promise<'mounted' | UploadSession> {
    const response = await this.#connection.call({ method: 'POST', path, body: '', scopes });
    if (response.status === 201) {
      await discard(response);
      return 'mounted';
    }
    return this.#sessionOf(response, new URL(path, await this.#connection.origin()));
  }

  async #sessionOf(response: Response, base: URL): Promise<UploadSession> {
    await discard(response);
    const url = URL.parse(response.headers.get('Location') ?? '', base);
    if (!url) throw new UnavailableError(`${base.host} does not tell where to send the upload`);
    return { url };
  }

  async #find(call: Call): Promise<Response | undefined> {
    try {
      const response = await this.#connection.call(call);
      await discard(response);
      return response;
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404) return undefined;
      throw error;
    }
  }
}

function mediaTypeOf(response: Response): string {
  return (response.headers.get('Content-Type') ?? '').split(';')[0]?.trim() ?? '';
}

/** RFC 8288's rel="next"; only on the same origin, since the token goes along. */
function nextPage(response: Response, base: URL): URL | undefined {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(response.headers.get('Link') ?? '')?.[1];
  const url = target === undefined ? undefined : URL.parse(target, base);
  return url?.origin === base.origin ? url : undefined;
}

/** What is no tag is left out: people see them in terminals. */
function readTags(bytes: Uint8Array): string[] {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as { tags?: unknown } | null;
    return Array.isArray(value?.tags)
      ? value.tags.filter((tag): tag is string => typeof tag === 'string' && isTag(tag))
      : [];
  } catch (cause) {
    throw new CorruptError('the list of tags is not JSON', { cause });
  }
}
