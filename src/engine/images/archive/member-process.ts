/** The engine's side of member-child.ts: starts it, feeds it, and gives the archive's members in their order. */
import {
  CorruptError,
  InvalidError,
  messageOf,
  UnavailableError,
  UnsupportedError,
} from '../../../lib/errors.ts';
import { feed } from '../../../lib/feed-child.ts';
import type { LayerFailure } from '../../../oci/layer/layer-failure.ts';
import { withoutOuterCompression } from './outer-compression.ts';
import { endOfMembers, type MemberHeader, plainWord } from './member-child.ts';

/** The last of the compilers costs a process that lives for a second more than it gives back. */
const environment = { BUN_JSC_useFTLJIT: '0' };

/**
 * So many plain bytes for one that came: gzip does 1,032 at most, and what people save is far below. Only looked at
 * beyond a size that does no harm.
 */
const maxExpansion = 500;
const harmless = 1024 * 1024 * 1024;

/** A member of the archive. Its bytes are read, or left, before the next one is asked for. */
export interface Member extends MemberHeader {
  readonly content: () => AsyncGenerator<Uint8Array>;
}

export interface ArchiveInput {
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  readonly body: ReadableStream<Uint8Array>;
  readonly signal: AbortSignal;
}

/** @throws InvalidError for what is no archive, CorruptError, UnsupportedError, or what the body threw. */
export async function* readMembers(input: ArchiveInput): AsyncGenerator<Member> {
  await using child = new MemberChild(input, []);
  const reader = new LineReader(child.output());
  for (;;) {
    const line = await reader.line();
    if (line === undefined) throw await child.failure();
    const header = JSON.parse(line) as MemberHeader | typeof endOfMembers;
    if (header === endOfMembers) return await child.ended();
    const rest = { size: header.size };
    const content = async function* (): AsyncGenerator<Uint8Array> {
      while (rest.size > 0) {
        const part = await reader.some(rest.size);
        if (!part) throw await child.failure();
        rest.size -= part.byteLength;
        yield part;
      }
    };
    yield { ...header, content };
    for await (const _ of content()) continue;
  }
}

/** The archive's bytes, decompressed. @throws as readMembers. */
export async function* readPlain(input: ArchiveInput): AsyncGenerator<Uint8Array> {
  await using child = new MemberChild(input, [plainWord]);
  yield* child.output();
  await child.ended();
}

class MemberChild implements AsyncDisposable {
  readonly #child: Bun.Subprocess<'pipe', 'pipe', 'pipe'>;
  readonly #stderr: Promise<string>;
  readonly #signal: AbortSignal;
  #fed = 0;
  #bodyError: unknown;

  constructor({ self, body, signal }: ArchiveInput, words: readonly string[]) {
    this.#child = Bun.spawn([...self, '@members', ...words], {
      env: environment,
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    this.#stderr = new Response(this.#child.stderr).text();
    this.#signal = signal;
    void this.#feed(body);
  }

  /** What the child says. @throws InvalidError when it becomes far more than what came. */
  async *output(): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of this.#child.stdout) {
      this.#signal.throwIfAborted();
      size += chunk.byteLength;
      if (size > harmless && size > this.#fed * maxExpansion)
        throw new InvalidError('invalid archive: it expands to more than its size allows');
      yield chunk;
    }
  }

  /** @throws unless all went well. */
  async ended(): Promise<void> {
    if ((await this.#child.exited) !== 0) throw await this.failure();
  }

  /** Why there is no more. */
  async failure(): Promise<unknown> {
    const text = (await this.#stderr).trim();
    if (text.startsWith('{')) {
      const failure = JSON.parse(text) as LayerFailure;
      const Failure = failures[failure.kind];
      return new Failure(`invalid archive: ${failure.error}`);
    }
    // It was killed where the body broke off; otherwise the body may be still open and has nothing to tell.
    const error = this.#bodyError ?? new UnavailableError(text || 'its process was killed');
    return error instanceof Error ? error : new InvalidError(messageOf(error));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#child.exited;
  }

  /** A body that breaks off ends the child. */
  async #feed(body: ReadableStream<Uint8Array>): Promise<void> {
    const counted = body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          this.#fed += chunk.byteLength;
          controller.enqueue(chunk);
        },
      }),
    );
    try {
      const archive = await withoutOuterCompression(counted);
      if (!(await feed(archive, this.#child))) await archive.cancel().catch(() => undefined);
    } catch (error) {
      this.#bodyError = error;
      this.#child.kill('SIGKILL');
    }
  }
}

const failures = {
  corrupt: InvalidError,
  unsupported: UnsupportedError,
  unavailable: UnavailableError,
} as const;

/** A line of a member's header is longer than this only if something is wrong. */
const maxLine = 4 * 1024 * 1024;

/** Lines and stretches of bytes out of chunks, however those are cut. */
class LineReader {
  readonly #source: AsyncGenerator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();

  constructor(source: AsyncGenerator<Uint8Array>) {
    this.#source = source;
  }

  /** Undefined at the end. @throws CorruptError for one without end. */
  async line(): Promise<string | undefined> {
    const parts: Uint8Array[] = [];
    for (let size = 0; size < maxLine; size += parts.at(-1)?.byteLength ?? 0) {
      if (!(await this.#fill())) return undefined;
      const end = this.#chunk.indexOf(newline);
      if (end !== -1) {
        parts.push(this.#take(end));
        this.#take(1);
        return Buffer.concat(parts).toString('utf8');
      }
      parts.push(this.#take(this.#chunk.byteLength));
    }
    throw new CorruptError('invalid archive: a name is too long');
  }

  /** Up to `max` bytes, at least one; undefined at the end. */
  async some(max: number): Promise<Uint8Array | undefined> {
    return (await this.#fill()) ? this.#take(max) : undefined;
  }

  async #fill(): Promise<boolean> {
    while (this.#chunk.byteLength === 0) {
      const { value, done } = await this.#source.next();
      if (done) return false;
      this.#chunk = value;
    }
    return true;
  }

  #take(size: number): Uint8Array {
    const part = this.#chunk.subarray(0, size);
    this.#chunk = this.#chunk.subarray(part.byteLength);
    return part;
  }
}

const newline = 0x0a;
