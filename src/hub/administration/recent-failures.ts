/** The requests that failed last by a fault of the hub, for an administrator's page: in memory, and no more than fit a page. */
import { messageOf } from '../../lib/errors.ts';

export interface RequestFailure {
  readonly at: number;
  readonly method: string;
  /** Without a query, which may hold secrets. */
  readonly path: string;
  readonly message: string;
}

const maxKept = 100;
const maxLength = 500;

export class RecentFailures {
  readonly #failures: RequestFailure[] = [];

  add(method: string, path: string, error: unknown): void {
    this.#failures.unshift({
      at: Date.now(),
      method: method.slice(0, 20),
      path: withoutUpload(path).slice(0, maxLength),
      message: messageOf(error).slice(0, maxLength),
    });
    this.#failures.length = Math.min(this.#failures.length, maxKept);
  }

  /** The latest first. */
  list(): readonly RequestFailure[] {
    return this.#failures;
  }
}

/** Whoever knows the address of an upload may go on with it. */
function withoutUpload(path: string): string {
  return path.replace(/(\/blobs\/uploads\/).+$/, '$1…');
}
