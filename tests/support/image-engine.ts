/** The engine's image side in memory, against a fake registry that plays docker.io: what tests of the verbs start from. */
import { openSqlite } from '../../src/lib/sqlite.ts';
import { MemoryContentStore } from '../../src/oci/content/memory-content-store.ts';
import { anonymous } from '../../src/oci/distribution/credentials.ts';
import { parseReference } from '../../src/oci/image/reference.ts';
import type { ContainerRecord } from '../../src/engine/containers/state.ts';
import { attestationSchema } from '../../src/engine/images/attestation-store.ts';
import { imageSchema, layerLevelSchema } from '../../src/engine/images/image-schema.ts';
import { type Image, ImageStore } from '../../src/engine/images/image-store.ts';
import { ConfigFetcher } from '../../src/engine/images/config-fetcher.ts';
import { LayerInstaller } from '../../src/engine/images/layer-installer.ts';
import type { ProgressEvent } from '../../src/engine/images/progress-event.ts';
import { pullImage } from '../../src/engine/images/pull.ts';
import { pushImage } from '../../src/engine/images/push.ts';
import { removeImage, type Removed } from '../../src/engine/images/remove.ts';
import { FakeRegistry } from './fake-registry.ts';
import { FakeSnapshots } from './fake-snapshots.ts';

export class ImageEngine implements AsyncDisposable {
  readonly registry = new FakeRegistry();
  readonly snapshots = new FakeSnapshots();
  readonly contents = new MemoryContentStore();
  readonly images: ImageStore;
  readonly layers: LayerInstaller;
  readonly configs = new ConfigFetcher();
  /** `pull alice/app:latest` */
  readonly events: string[] = [];
  readonly records: ContainerRecord[] = [];
  readonly containers = {
    find: (text: string): ContainerRecord | undefined =>
      this.records.find(({ id, name }) => id.startsWith(text) || name === text),
    list: (): readonly ContainerRecord[] => this.records,
  };

  constructor() {
    const { contents, snapshots } = this;
    const database = openSqlite(':memory:', [imageSchema, attestationSchema, layerLevelSchema]);
    this.images = new ImageStore({ database, contents, snapshots });
    this.layers = new LayerInstaller(this.images);
  }

  readonly emit = (action: string, subject: string): void => void this.events.push(`${action} ${subject}`);

  get access(): { hosts: { hub: URL; insecureRegistries: string[] }; credentials: typeof anonymous } {
    return { hosts: { hub: this.registry.url, insecureRegistries: [] }, credentials: anonymous };
  }

  async pull(name: string, lines: string[] = [], signal = new AbortController().signal): Promise<Image> {
    const request = { ...this.access, reference: parseReference(name), signal };
    return pullImage(this, request, (event) => lines.push(lineOf(event)));
  }

  /** @returns what was told, without the steps of the progress. */
  async push(name: string, lines: string[] = []): Promise<string[]> {
    const { tag, ...repository } = parseReference(name);
    const request = { ...this.access, name: repository, tag, signal: new AbortController().signal };
    await pushImage(this, request, (event) => {
      if (!event.progress) lines.push(lineOf(event));
    });
    return lines;
  }

  remove(name: string, options: { force?: boolean } = {}): Promise<Removed[]> {
    return removeImage(this, name, { force: false, noPrune: false, ...options });
  }

  /** A container made of an image, as far as the verbs on images care. */
  addContainer(id: string, name: string, image: Image, status: 'running' | 'exited'): ContainerRecord {
    const record = {
      id,
      name,
      imageId: image.id,
      mounts: [],
      chainId: image.chainId,
      config: { ...image.config.config, Hostname: id.slice(0, 12) },
      state: { status },
    } as unknown as ContainerRecord;
    this.records.push(record);
    return record;
  }

  async blobCount(): Promise<number> {
    return (await Array.fromAsync(this.contents.list())).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry[Symbol.asyncDispose]();
  }
}

function lineOf({ id, status, aux }: ProgressEvent): string {
  if (aux !== undefined) return JSON.stringify(aux);
  return id === undefined ? (status ?? '') : `${id}: ${status}`;
}

/** Bytes that stand for a layer's tar. */
export function tar(text: string, size = 2048): Uint8Array {
  return new TextEncoder().encode(text.padEnd(size, '.'));
}
