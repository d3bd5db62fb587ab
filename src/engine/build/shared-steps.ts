/** Steps under way, of all builds: who comes to the same one waits for it instead of doing it again. */
import type { Digest } from '../../oci/image/digest.ts';
import type { OutputStream } from '../containers/attach/console.ts';
import type { ProgressEvent } from '../images/progress-event.ts';
import { SharedTasks } from '../images/shared-tasks.ts';
import type { CacheResult } from './cache/build-cache.ts';

/** What a step tells everybody who waits for it. */
export type StepNews =
  | { readonly kind: 'container'; readonly id: string }
  | { readonly kind: 'output'; readonly stream: OutputStream; readonly text: string }
  | { readonly kind: 'progress'; readonly event: ProgressEvent };

export class SharedSteps extends SharedTasks<Digest, StepNews, CacheResult> {}
