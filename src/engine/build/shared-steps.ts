/**
 * Steps under way, of all builds: who comes to the same one waits for it instead of doing it again. It goes on as long
 * as one of them wants it, whoever began it.
 */
import type { Digest } from '../../oci/image/digest.ts';
import type { OutputStream } from '../containers/attach/console.ts';
import type { ProgressEvent } from '../images/progress-event.ts';
import { SharedTasks, type Work } from '../images/shared-tasks.ts';
import type { CacheResult } from './cache/build-cache.ts';

/** What a step tells everybody who waits for it. */
export type StepNews =
  | { readonly kind: 'container'; readonly id: string }
  | { readonly kind: 'output'; readonly stream: OutputStream; readonly text: string }
  | { readonly kind: 'progress'; readonly event: ProgressEvent };

export class SharedSteps {
  readonly #tasks = new SharedTasks<Digest, StepNews, CacheResult>();

  /**
   * Joins the step under this key, or begins it. Who began it stays until its end, even when it has left: the context,
   * the roots and the session that the step takes from are of that build, and go when this has returned.
   * @param report `isOwn`: of a step that was begun here.
   * @param signal leaves; rejects with its reason.
   */
  async run(
    key: Digest,
    work: Work<StepNews, CacheResult>,
    report: (news: StepNews, isOwn: boolean) => void,
    signal: AbortSignal,
  ): Promise<CacheResult> {
    for (;;) {
      const own: { step?: Promise<CacheResult> } = {};
      const begin: typeof work = (tell, taskSignal) => {
        own.step = work(tell, taskSignal).catch((error: unknown) => {
          throw signal.aborted ? new LeftStepError(error) : error;
        });
        return own.step;
      };
      try {
        return await this.#tasks.run(key, begin, (news) => report(news, own.step !== undefined), signal);
      } catch (error) {
        await own.step?.catch(() => undefined);
        signal.throwIfAborted();
        if (!(error instanceof LeftStepError)) throw error;
      }
    }
  }
}

/** A step has failed whose build's client had gone, and with it what it lends: its ssh agent. Others try it themselves. */
class LeftStepError extends Error {
  override readonly name = 'LeftStepError';

  constructor(cause: unknown) {
    super('the build that began the step has ended', { cause });
  }
}
