/**
 * Questions about the files of layers: what a COPY --from would take, who a user is. Their answers are parts of cache keys.
 * An imported cache may know the answer, and saves the layers from being brought here only to be asked.
 */
import { type Digest, digestOf } from '../../../oci/image/digest.ts';
import type { StepContext } from '../steps/step-context.ts';

export interface Facts {
  /** @param question names the layers by their chain, and what is asked of them. */
  of<Answer extends string>(question: readonly unknown[], ask: () => Promise<Answer>): Promise<Answer>;
  /** An answer was taken from elsewhere: good for a look into the cache, and not for making a layer by it. */
  readonly isGuess: boolean;
}

/**
 * Tries with what caches elsewhere say, and again with what is true where that comes to nothing.
 * @param attempt gives undefined where a guess is in no cache.
 */
export async function withFacts<Result>(
  context: StepContext,
  attempt: (facts: Facts) => Promise<Result | undefined>,
): Promise<Result> {
  const guessed = await attempt(new Guesses(context));
  if (guessed !== undefined) return guessed;
  const sure = await attempt(new Truths(context));
  if (sure === undefined) throw new TypeError('what is true is no guess');
  return sure;
}

class Truths implements Facts {
  readonly isGuess: boolean = false;
  readonly #context: StepContext;

  constructor(context: StepContext) {
    this.#context = context;
  }

  async of<Answer extends string>(question: readonly unknown[], ask: () => Promise<Answer>): Promise<Answer> {
    const { deps, solved } = this.#context;
    const key = digestOf(JSON.stringify(question));
    const answer = await deps.fileFacts.of(key, ask);
    solved.facts.set(key, answer);
    return answer;
  }
}

class Guesses implements Facts {
  isGuess = false;
  readonly #context: StepContext;
  readonly #truths: Truths;

  constructor(context: StepContext) {
    this.#context = context;
    this.#truths = new Truths(context);
  }

  async of<Answer extends string>(question: readonly unknown[], ask: () => Promise<Answer>): Promise<Answer> {
    const { deps, caches, request, solved } = this.#context;
    const key: Digest = digestOf(JSON.stringify(question));
    const isFresh = request.noCache || deps.fileFacts.isKnown(key);
    const guess = isFresh ? undefined : await caches.fact(key);
    if (guess === undefined) return await this.#truths.of(question, ask);
    this.isGuess = true;
    solved.facts.set(key, guess);
    return guess as Answer;
  }
}
