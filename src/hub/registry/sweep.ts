/** Uploads that nobody goes on with are forgotten after a day, with their bytes. */
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import type { UploadStore } from './upload-store.ts';

const every = 3600_000;
const maxAge = 24 * 3600_000;

/** Sweeps every hour until disposed. */
export function startSweeping(
  { contents, uploads }: { readonly contents: ContentStore; readonly uploads: UploadStore },
  log: Log,
): Disposable {
  const sweep = async (): Promise<void> => {
    try {
      const before = new Date(Date.now() - maxAge);
      await uploads.sweep(before);
      await contents.sweepIngests(before);
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'cannot sweep uploads');
    }
  };
  const timer = setInterval(() => void sweep(), every);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
