/**
 * `cp` and `export`: a container's files as archives, whether it runs or not. Binds and volumes are in their places, tmpfs
 * and the kernel's file systems are not, as with docker.
 */
import { DeniedError, NotFoundError } from '../../lib/errors.ts';
import type { PathStat } from '../archives/archive-request.ts';
import {
  type ReadArchive,
  exportView,
  extractIntoView,
  readFromView,
  statInView,
} from '../archives/archive-process.ts';
import { attributesOf } from './container-event.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { type HeldView, holdView } from './mounts/hold-view.ts';
import type { ContainerRecord } from './state.ts';
import { resolveUser } from './spec/user.ts';

export type ArchiveDependencies = Pick<
  ContainerDependencies,
  'containers' | 'snapshots' | 'volumes' | 'volumeMounts' | 'paths' | 'events' | 'self'
>;

/** @throws NotFoundError in docker's words. */
export async function statArchive(deps: ArchiveDependencies, name: string, path: string): Promise<PathStat> {
  const record = deps.containers.resolve(name);
  const held = await holdView(deps, record);
  try {
    return await named(record, path, statInView(deps.self, held.view, path));
  } finally {
    await held.release();
  }
}

/** The tar of what is at `path`, as docker names its members. @throws NotFoundError in docker's words. */
export async function readArchive(
  deps: ArchiveDependencies,
  name: string,
  path: string,
): Promise<ReadArchive> {
  const record = deps.containers.resolve(name);
  const held = await holdView(deps, record);
  const archive = await named(record, path, readFromView(deps.self, held.view, path, released(held)));
  deps.events.publish('container', 'archive-path', record.id, attributesOf(record));
  return archive;
}

/** The tar of the container's own files: what is mounted into it is left out. */
export async function exportContainer(
  deps: ArchiveDependencies,
  name: string,
): Promise<ReadableStream<Uint8Array>> {
  const record = deps.containers.resolve(name);
  const held = await deps.snapshots.hold(record.id);
  const view = { root: held.root, mounts: [], readonlyRoot: false };
  const stream = await exportView(deps.self, view, released(held));
  deps.events.publish('container', 'export', record.id, attributesOf(record));
  return stream;
}

/** Nobody waits for it: the bytes are through. */
function released(held: Pick<HeldView, 'release'>): () => void {
  return () => void held.release().catch(() => undefined);
}

export interface WriteOptions {
  readonly path: string;
  readonly noOverwriteDirNonDir: boolean;
  /** To the container's user, where it has one. */
  readonly copyUIDGID: boolean;
}

/** Unpacks a tar, compressed or not, into a directory. @throws NotFoundError, InvalidError, DeniedError in docker's words. */
export async function writeArchive(
  deps: ArchiveDependencies,
  name: string,
  { path, noOverwriteDirNonDir, copyUIDGID }: WriteOptions,
  body: ReadableStream<Uint8Array>,
): Promise<void> {
  const record = deps.containers.resolve(name);
  requireWritable(record, path);
  const held = await holdView(deps, record);
  try {
    const user = record.config.User ?? '';
    const owner = copyUIDGID && user !== '' ? resolveUser(held.view.root, user, []) : undefined;
    const task = { kind: 'extract', path, noOverwriteDirNonDir, ...(owner && { owner }) } as const;
    await named(
      record,
      path,
      extractIntoView(deps.self, held.view, task, body).catch((error: unknown) => {
        if (error instanceof DeniedError) throw readOnly(error);
        throw error;
      }),
    );
  } finally {
    await held.release();
  }
  deps.events.publish('container', 'extract-to-dir', record.id, attributesOf(record));
}

/** Told before a byte is read; what links lead to is the kernel's to refuse. */
function requireWritable({ mounts, hostConfig }: ContainerRecord, path: string): void {
  const absolute = path.startsWith('/') ? path : `/${path}`;
  const isBelow = (destination: string): boolean =>
    absolute === destination || absolute.startsWith(`${destination}/`);
  const volume = mounts
    .filter(({ Destination }) => Destination !== undefined && isBelow(Destination))
    .toSorted((a, b) => (b.Destination ?? '').length - (a.Destination ?? '').length)[0];
  if (volume?.RW === false) throw new DeniedError('mounted volume is marked read-only');
  if (!volume && hostConfig.ReadonlyRootfs) throw readOnly();
}

function readOnly(cause?: unknown): DeniedError {
  return new DeniedError('container rootfs is marked read-only', { cause });
}

async function named<T>({ name }: ContainerRecord, path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new NotFoundError(`Could not find the file ${path} in container ${name}`, { cause: error });
  }
}
