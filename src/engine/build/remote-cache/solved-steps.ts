/** What the steps of one build have come to, out of the cache or anew: what `--cache-to` sends. */
import type { Digest } from '../../../oci/image/digest.ts';
import type { ImageLayer } from '../../images/image.ts';
import type { StagePlan } from '../plan/plan.ts';
import type { RemoteRecord } from './cache-document.ts';

export interface SolvedStep extends RemoteRecord {
  readonly stage: StagePlan;
  /** The whole chain. */
  readonly layers: readonly ImageLayer[];
}

export class SolvedSteps {
  readonly steps = new Map<Digest, SolvedStep[]>();
  readonly facts = new Map<Digest, string>();

  /** The same step may be of several stages. */
  add(step: SolvedStep): void {
    const same = this.steps.get(step.key) ?? [];
    this.steps.set(step.key, [...same, step]);
  }

  /** Another attempt is made. */
  clear(): void {
    this.steps.clear();
    this.facts.clear();
  }
}
