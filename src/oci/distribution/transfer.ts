/**
 * Blobs between a registry and a content store: downloads that resume after a broken stream and are verified while
 * they arrive, uploads that are tried again: from where they broke, where that is asked for. Nothing is held whole.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CorruptError, messageOf, UnavailableError } from '../../lib/errors.ts';
import type { BlobInfo, ContentStore, Ingest } from '../content/content-store.ts';
import { Verifier } from '../content/verify.ts';
import type { Descriptor } from '../image/descriptor.ts';
import type { Digest } from '../image/digest.ts';
import type { RepositoryName } from '../image/reference.ts';
import type { RegistryClient, UploadSession } from './client.ts';
import { RegistryError } from './errors.ts';
import { BrokenStreamError, StallGuard } from './stall-guard.ts';

export interface BlobAddress {
  readonly client: RegistryClient;
  readonly name: RepositoryName;
}

/** Where a blob is read from. */
export interface BlobSource {
  readonly client: Pick<RegistryClient, 'getBlob'>;
  readonly name: RepositoryName;
}

export interface TransferOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes through so far, of this blob. */
  readonly onProgress?: (bytes: number) => void;
  /** The transfer broke and goes on after a pause. */
  readonly onRetry?: (milliseconds: number) => void;
  /** First pause between two attempts; doubles each time. */
  readonly pauseMilliseconds?: number;
  /** A registry that is silent for so long is taken for gone. */
  readonly stallMilliseconds?: number | undefined;
}

export interface DownloadOptions extends TransferOptions {
  /** Sees every byte from the first on, as it arrives; slow ones slow the download. What it throws ends it. */
  readonly onChunk?: ((chunk: Uint8Array) => Promise<void>) | undefined;
}

const maxAttempts = 5;
const firstPauseMilliseconds = 250;

/** The ingest that a blob of this digest arrives in; it stays after a break, and the next download goes on there. */
export function ingestIdOf(digest: Digest): string {
  return digest.replace(':', '-');
}

/**
 * Brings a blob into the content store, verified.
 * A break of the connection leaves the bytes so far for the next call; corrupt bytes and full disks leave nothing.
 * @throws CorruptError when the registry's bytes are not what the descriptor says.
 */
export async function downloadBlob(
  from: BlobSource,
  contents: ContentStore,
  descriptor: Descriptor,
  options: DownloadOptions = {},
): Promise<BlobInfo> {
  const ingest = await openIngest(contents, descriptor, options.onChunk !== undefined);
  try {
    for await (const chunk of readBlob(from, descriptor, ingest.size, options)) {
      await Promise.all([ingest.write(chunk), options.onChunk?.(chunk)]);
      options.onProgress?.(ingest.size);
    }
  } catch (error) {
    await (isInterruption(error, options.signal) ? ingest.close() : ingest.abort());
    throw error;
  }
  return ingest.commit(descriptor);
}

/** @param fromStart the bytes of an earlier attempt are of no use to who wants to see them all. */
async function openIngest(
  contents: ContentStore,
  descriptor: Descriptor,
  fromStart: boolean,
): Promise<Ingest> {
  const id = ingestIdOf(descriptor.digest);
  const ingest = await contents.ingest(id);
  if (ingest.size === 0 || (!fromStart && ingest.size <= descriptor.size)) return ingest;
  await ingest.abort();
  return contents.ingest(id);
}

/** True when a transfer ended for the network's or the user's sake: the bytes so far are good. */
export function isInterruption(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true || error instanceof RegistryError || error instanceof BrokenStreamError;
}

/**
 * The bytes of a blob from `offset` on. A stream that breaks is taken up again where it broke (Range); attempts are
 * counted anew whenever bytes came through. Ends early or late never: the size is the descriptor's.
 */
export async function* readBlob(
  { client, name }: BlobSource,
  { digest, size }: Descriptor,
  offset: number,
  options: TransferOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = offset;
  for (let attempt = 1; position < size; attempt++) {
    const before = position;
    try {
      for await (const chunk of readFrom(client, name, digest, position, options)) {
        position += chunk.byteLength;
        if (position > size)
          throw new CorruptError(`cannot read blob ${digest}: longer than the ${size} bytes promised`);
        yield chunk;
      }
      if (position < size && position === before) throw new BrokenStreamError('unexpected EOF');
    } catch (error) {
      if (options.signal?.aborted || !isRetryable(error)) throw error;
      if (position > before) attempt = 1;
      if (attempt >= maxAttempts) throw new BrokenStreamError(messageOf(error), { cause: error });
      await pause(attempt, options);
    }
  }
}

async function* readFrom(
  client: BlobSource['client'],
  name: RepositoryName,
  digest: Digest,
  position: number,
  { signal, stallMilliseconds }: TransferOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  using stall = new StallGuard(signal, stallMilliseconds);
  const blob = await client.getBlob(name, digest, position, stall.signal);
  // A registry without ranges begins again: what is known already is skipped.
  let skip = position - blob.offset;
  try {
    for await (const chunk of blob.stream) {
      stall.stop();
      const rest = skip >= chunk.byteLength ? undefined : chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.byteLength);
      if (rest) yield rest;
      stall.start();
    }
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new BrokenStreamError(`cannot read blob ${digest}: the connection broke`, { cause });
  }
}

function isRetryable(error: unknown): boolean {
  if (error instanceof RegistryError) return error.status === 429 || error.status >= 500;
  return error instanceof UnavailableError;
}

/** The network's or the registry's doing, not the bytes'. */
function isInterruptionOf(error: unknown): boolean {
  return isRetryable(error) || (error instanceof DOMException && error.name === 'AbortError');
}

async function pause(attempt: number, options: TransferOptions): Promise<void> {
  const milliseconds = (options.pauseMilliseconds ?? firstPauseMilliseconds) * 2 ** (attempt - 1);
  options.onRetry?.(milliseconds);
  await sleep(milliseconds, undefined, options.signal ? { signal: options.signal } : {});
}

/** A blob to be sent: opened anew for each attempt. `digest` is known when the stream has been read to its end. */
export interface OutgoingBlob {
  readonly stream: AsyncIterable<Uint8Array>;
  readonly digest: () => Promise<Digest>;
}

/**
 * An upload that broke, kept by the caller between two calls: the same bytes go on where the registry has them until. During a call
 * it is that call's alone.
 */
export interface BrokenUpload {
  session?: UploadSession | undefined;
}

export interface UploadOptions extends TransferOptions {
  /** Only where each attempt sends the same bytes. Without it, every attempt begins anew. */
  readonly broken?: BrokenUpload;
}

/** Sends a blob: one session, one streamed PATCH, one PUT that tells the digest. @returns the digest. */
export async function uploadBlob(
  { client, name }: BlobAddress,
  open: () => Promise<OutgoingBlob>,
  options: UploadOptions = {},
): Promise<Digest> {
  const { broken } = options;
  for (let attempt = 1; ; attempt++) {
    let isResumed = false;
    try {
      const known = broken?.session && (await client.findUpload(name, broken.session));
      isResumed = known !== undefined;
      const upload = known ?? { session: await client.startUpload(name), offset: 0 };
      if (broken) broken.session = upload.session;
      const digest = await uploadFrom(client, name, upload, await open(), options);
      if (broken) broken.session = undefined;
      return digest;
    } catch (error) {
      // A registry that does not go on there is sent all of it.
      const isRefused = error instanceof RegistryError && error.status < 500 && isResumed;
      if (broken && (isRefused || !isInterruptionOf(error))) broken.session = undefined;
      const isOver = options.signal?.aborted === true || attempt >= maxAttempts;
      if (isOver || !(isRefused || isRetryable(error))) throw error;
      await pause(attempt, options);
    }
  }
}

/** Sends a blob that is in memory, unless the registry has it. */
export async function uploadBytes(
  to: BlobAddress,
  digest: Digest,
  bytes: Uint8Array,
  options: TransferOptions = {},
): Promise<void> {
  if (await to.client.hasBlob(to.name, digest)) return;
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  await uploadBlob(to, async () => ({ stream: stream(), digest: async () => digest }), options);
}

async function uploadFrom(
  client: RegistryClient,
  name: RepositoryName,
  { session, offset }: { readonly session: UploadSession; readonly offset: number },
  blob: OutgoingBlob,
  options: UploadOptions,
): Promise<Digest> {
  let source: unknown;
  const bytes = counted(blob.stream, offset, options);
  const stream = toStream(bytes, (error) => (source = error));
  try {
    const next = await client.sendChunk(name, session, stream);
    const digest = await blob.digest();
    await client.finishUpload(name, next, digest);
    return digest;
  } catch (error) {
    await bytes.return();
    if (!options.broken || source !== undefined) await client.cancelUpload(name, session);
    // The source's own failure tells more than the request that ended because of it.
    throw source ?? error;
  }
}

/** From `offset` on; what is before it is read all the same, since whoever checks the bytes has to see all of them. */
async function* counted(
  stream: AsyncIterable<Uint8Array>,
  offset: number,
  options: TransferOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of stream) {
    const known = Math.max(0, offset - bytes);
    if (known < chunk.byteLength) yield known === 0 ? chunk : chunk.subarray(known);
    bytes += chunk.byteLength;
    options.onProgress?.(bytes);
  }
}

/** Pulled by the socket: nothing is read from the source before there is room for it. */
function toStream(
  source: AsyncGenerator<Uint8Array, void, undefined>,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  let isOpen = true;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.next();
          // The request may have ended while the source was at work.
          if (!isOpen) return;
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          onError(error);
          if (isOpen) controller.error(error);
        }
      },
      async cancel() {
        isOpen = false;
        await source.return();
      },
    },
    { highWaterMark: 1 },
  );
}

/** A committed blob as something to upload, verified on its way: what rotted on disk is not sent. */
export async function outgoingBlob(contents: ContentStore, descriptor: Descriptor): Promise<OutgoingBlob> {
  const blob = await contents.open(descriptor.digest);
  const verifier = new Verifier(descriptor);
  const stream = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of blob.stream() as ReadableStream<Uint8Array>) {
      verifier.update(chunk);
      yield chunk;
    }
    verifier.end();
  };
  return { stream: stream(), digest: async () => descriptor.digest };
}
