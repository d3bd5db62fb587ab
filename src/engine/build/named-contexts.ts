/** `--build-context` while a build runs: each is fetched when a step first needs it, and goes with the build. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { hostPlatform, type Platform } from '../../oci/image/platform.ts';
import { loadImages } from '../images/archive/load.ts';
import type { Image } from '../images/image.ts';
import { removeImage } from '../images/remove.ts';
import { openContext } from './context/build-context.ts';
import { parseGitReference } from './context/git-reference.ts';
import type { RemoteAccess } from './context/remote-access.ts';
import { contextsDirectory } from './context/sweep-contexts.ts';
import type { BuildDependencies, BuildRequest } from './dependencies.ts';
import { download } from './files/download.ts';
import type { SourceTree } from './files/file-source.ts';

export type OpenedContext =
  | { readonly kind: 'files'; readonly tree: SourceTree }
  | { readonly kind: 'image'; readonly image: Image };

type Request = Pick<BuildRequest, 'contexts' | 'session' | 'signal'>;

export class NamedContexts implements AsyncDisposable {
  readonly #deps: BuildDependencies;
  readonly #request: Request;
  readonly #opened = new Map<string, Promise<OpenedContext>>();
  readonly #lifetime = new AsyncDisposableStack();

  constructor(deps: BuildDependencies, request: Request) {
    this.#deps = deps;
    this.#request = request;
  }

  /**
   * @param name one of the request's. @param platform chooses among the images of an OCI layout.
   * @throws NotFoundError where the client does not give it, and what one that cannot be read fails with.
   */
  open(name: string, platform: Platform = hostPlatform()): Promise<OpenedContext> {
    const known = this.#opened.get(name);
    if (known) return known;
    const opening = this.#open(name, platform);
    this.#opened.set(name, opening);
    return opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#opened.values());
    await this.#lifetime.disposeAsync();
  }

  async #open(name: string, platform: Platform): Promise<OpenedContext> {
    const context = this.#request.contexts.get(name);
    if (context?.kind === 'layout') return { kind: 'image', image: await this.#load(name, platform) };
    if (context?.kind === 'remote') return { kind: 'files', tree: await this.#fetch(context.address) };
    return { kind: 'files', tree: await this.#unpack(await this.#sent(name)) };
  }

  /** The client's archive, which it sends when it is asked. */
  async #sent(name: string): Promise<ReadableStream<Uint8Array>> {
    const { session, signal } = this.#request;
    if (!session?.contexts.has(name)) throw new NotFoundError(`the client has not given the context ${name}`);
    const connection = await session.take('context', name, signal);
    this.#lifetime.defer(() => void connection.destroy());
    connection.write('\n');
    return Readable.toWeb(connection) as unknown as ReadableStream<Uint8Array>;
  }

  async #unpack(body: ReadableStream<Uint8Array>, remote?: string): Promise<SourceTree> {
    const { buildDirectory: directory, self } = this.#deps;
    const { signal } = this.#request;
    const options = {
      directory,
      body,
      self,
      signal,
      access: this.#access,
      ...(remote !== undefined && { remote }),
    };
    return this.#lifetime.use(await openContext(options)).tree;
  }

  /** A repository, or one file with the name `context`, as with BuildKit. */
  async #fetch(address: string): Promise<SourceTree> {
    if (parseGitReference(address, { isContext: true })) return await this.#unpack(nothing(), address);
    const { signal } = this.#request;
    const root = join(contextsDirectory(this.#deps.buildDirectory), crypto.randomUUID());
    this.#lifetime.defer(() => rm(root, { recursive: true, force: true }));
    await mkdir(root, { recursive: true, mode: 0o700 });
    const { name } = await download(address, { directory: root, signal, access: this.#access });
    await rename(join(root, name), join(root, 'context'));
    return { root, keepsOwner: false };
  }

  get #access(): RemoteAccess {
    return { session: this.#request.session, runDirectory: this.#deps.buildRunDirectory };
  }

  /** What the build alone needed goes with it. */
  async #load(name: string, platform: Platform): Promise<Image> {
    const { images, self } = this.#deps;
    const { signal } = this.#request;
    const before = new Set<Digest>(images.list().map(({ id }) => id));
    const request = { self, body: await this.#sent(name), signal, quiet: true, platform };
    const [id] = await loadImages(this.#deps, request, () => undefined);
    const image = id && images.get(id);
    if (!image) throw new NotFoundError(`the OCI layout ${name} has no image`);
    if (!before.has(image.id)) this.#lifetime.defer(() => this.#discard(image));
    return image;
  }

  async #discard({ id }: Image): Promise<void> {
    const image = this.#deps.images.get(id);
    if (!image || image.references.length + image.repoDigests.length > 0) return;
    // In use by now: then it stays.
    await removeImage(this.#deps, id, { force: false, noPrune: true }).catch(() => undefined);
  }
}

function nothing(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}
