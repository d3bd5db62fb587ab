/**
 * Requests to an object store that speaks S3: signed, timed, and sent again while that may help. Nothing that is sent again does
 * harm: every request either replaces a whole object or is refused the second time in a way that its caller knows.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html
 */
import { AwsClient } from 'aws4fetch';
import { messageOf, NotFoundError, UnavailableError } from '../../lib/errors.ts';
import { backOff } from './back-off.ts';
import type { S3Config } from './s3-config.ts';
import { isPassing, noSuchBucket, S3Error } from './s3-errors.ts';
import { errorCodeOf } from './s3-xml.ts';
import type { StoreWatch } from './store-watch.ts';

export interface S3Call {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** Of a whole attempt, in milliseconds; else what the settings say and the body needs. */
  readonly timeout?: number;
  readonly attempts?: number;
}

export interface S3Answer {
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

const defaultAttempts = 8;
/** Attempts begin within so many timeouts of the first: a store that is silent is not waited for eight times. */
const patience = 3;
/** In bytes: what may take as long again to go out. */
const sentMeanwhile = 5 * 1024 * 1024;
/** In seconds: of an address that is given to a client. As long as a slow one may take to come, not to read. */
const addressLifetime = 20 * 60;
/** The bytes changed on their way, or never came. */
const passingCodes = new Set([
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'RequestTimeout',
  'IncompleteBody',
  'SlowDown',
]);

export class S3Client {
  readonly #config: S3Config;
  readonly #signer: AwsClient;
  readonly #watch: StoreWatch | undefined;

  constructor(config: S3Config, watch?: StoreWatch) {
    this.#config = config;
    this.#watch = watch;
    this.#signer = new AwsClient({ ...config.credentials, service: 's3', region: config.region, retries: 0 });
  }

  /** @param key below the prefix; null: the bucket itself. @throws S3Error when it refuses; UnavailableError without an answer. */
  async call(method: string, key: string | null, call: S3Call = {}): Promise<S3Answer> {
    const timeout = call.timeout ?? this.timeout * (1 + (call.body?.length ?? 0) / sentMeanwhile);
    return this.#untilAnswered(call.attempts ?? defaultAttempts, async () => {
      const signal = AbortSignal.timeout(timeout);
      const response = await this.#send(method, key, call, signal);
      const body = await response.bytes();
      requireOk(response, body, method, key);
      return { headers: response.headers, body };
    });
  }

  /** As `call`, for what need not be there: undefined then. Its bucket has to be there, which only GET can tell. */
  async find(method: 'HEAD' | 'GET', key: string, call?: S3Call): Promise<S3Answer | undefined> {
    try {
      return await this.call(method, key, call);
    } catch (error) {
      const isMissing = error instanceof S3Error && error.status === 404 && error.code !== noSuchBucket;
      if (isMissing) return undefined;
      throw error;
    }
  }

  /**
   * Bytes of an object from `start` to before `end`. Throws when they stop to come; what came is right.
   * @param signal of who does not want them any more.
   * @throws NotFoundError
   */
  async *read(
    key: string,
    start: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const control = new AbortController();
    const idle = (): NodeJS.Timeout =>
      setTimeout(() => control.abort(new UnavailableError('the blob store went silent')), this.timeout);
    let timer = idle();
    try {
      const headers = { Range: `bytes=${start}-${end - 1}` };
      const response = await this.#send('GET', key, { headers }, AbortSignal.any([control.signal, signal]));
      if (response.status === 404) throw new NotFoundError('no such blob in the blob store');
      if (response.status !== 206) requireOk(response, await response.bytes(), 'GET', key);
      if (!response.headers.get('Content-Range')?.startsWith(`bytes ${start}-${end - 1}/`)) {
        throw new UnavailableError('the blob store sent another range than was asked for');
      }
      for await (const chunk of response.body ?? []) {
        clearTimeout(timer);
        yield chunk;
        timer = idle();
      }
    } finally {
      clearTimeout(timer);
      control.abort();
    }
  }

  /** Where a client gets the object without us, for a while. */
  async addressOf(key: string): Promise<string> {
    const url = new URL(`${this.#config.publicBucketUrl}/${this.#config.prefix}${key}`);
    url.searchParams.set('X-Amz-Expires', String(addressLifetime));
    const signed = await this.#signer.sign(url, { aws: { signQuery: true } });
    return signed.url;
  }

  /** As another object's source. */
  sourceOf(key: string): string {
    return `/${this.#config.bucket}/${this.#config.prefix}${key}`;
  }

  /** In milliseconds: of a request that the store has little to do for. */
  get timeout(): number {
    return this.#config.timeout;
  }

  /** The whole name of a key, and the key in a whole name. */
  get prefix(): string {
    return this.#config.prefix;
  }

  async #send(
    method: string,
    key: string | null,
    { query, headers, body }: S3Call,
    signal: AbortSignal,
  ): Promise<Response> {
    const { bucketUrl, prefix } = this.#config;
    const url = new URL(key === null ? bucketUrl : `${bucketUrl}/${prefix}${key}`);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    // Signed with the request: the store compares what comes.
    const digest = new Bun.CryptoHasher('sha256').update(body ?? '').digest('hex');
    const signed = await this.#signer.sign(url, {
      method,
      headers: { ...headers, 'X-Amz-Content-Sha256': digest },
    });
    const send = (): Promise<Response> =>
      fetch(signed.url, {
        method,
        headers: signed.headers,
        signal,
        redirect: 'manual',
        ...(body !== undefined && { body }),
      });
    return this.#watch ? this.#watch.run(method, key, send) : send();
  }

  async #untilAnswered<T>(attempts: number, attempt: () => Promise<T>): Promise<T> {
    const end = performance.now() + patience * this.timeout;
    for (let failures = 1; ; failures += 1) {
      try {
        return await attempt();
      } catch (error) {
        const isFinal = error instanceof S3Error && !isPassing(error.status) && !passingCodes.has(error.code);
        if (isFinal) throw error;
        if (failures === attempts || performance.now() > end) {
          throw error instanceof S3Error
            ? error
            : new UnavailableError('the blob store does not answer: try again later', {
                cause: messageOf(error),
              });
        }
      }
      await backOff(failures);
      this.#watch?.retried();
    }
  }
}

/** A copy or the end of an upload may fail after its 200 was sent. What is got may look like anything. */
function requireOk(response: Response, body: Uint8Array, method: string, key: string | null): void {
  if (response.ok && method === 'GET') return;
  const code = body.byteLength < 100_000 ? errorCodeOf(body) : undefined;
  if (response.ok && code === undefined) return;
  throw new S3Error(response.ok ? 500 : response.status, code ?? '', `${method} ${key ?? ''}`);
}
