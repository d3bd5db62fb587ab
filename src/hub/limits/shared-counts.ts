/**
 * Counts of one copy of the hub are those of all: each tells the others what it has counted, a moment later. A request itself
 * waits for nobody and writes nothing; who asks several copies in the same moment may have a few tries more.
 */
import { z } from 'zod';
import type { Conversation } from '../copies/conversation.ts';
import type { Change, WindowCounter } from './window-counter.ts';

/** In milliseconds: what is counted in it is told together. */
const tellAfter = 100;

const wordSchema = z.object({
  counter: z.string(),
  key: z.string(),
  isCleared: z.boolean(),
  added: z.number().int(),
});

export class SharedCounts implements Disposable {
  readonly #counters = new Map<string, WindowCounter>();
  /** By counter and key. */
  readonly #changes = new Map<string, z.infer<typeof wordSchema>>();
  readonly #say: (word: object) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(conversation: Conversation) {
    this.#say = conversation.join('count', {
      hear: (word) => {
        const { data: change } = wordSchema.safeParse(word);
        if (change) this.#counters.get(change.counter)?.changedElsewhere(change.key, change);
      },
    });
  }

  /** @param name the same at all copies. */
  share(name: string, counter: WindowCounter): void {
    this.#counters.set(name, counter);
    counter.onChange((key, change) => this.#noticed(name, key, change));
  }

  #noticed(counter: string, key: string, { isCleared, added }: Change): void {
    const id = `${counter} ${key}`;
    const known = this.#changes.get(id);
    this.#changes.set(id, {
      counter,
      key,
      isCleared: isCleared || known?.isCleared === true,
      added: added + (isCleared ? 0 : (known?.added ?? 0)),
    });
    this.#timer ??= setTimeout(() => this.#tell(), tellAfter);
  }

  #tell(): void {
    this.#timer = undefined;
    for (const change of this.#changes.values()) {
      if (change.isCleared || change.added !== 0) this.#say(change);
    }
    this.#changes.clear();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
