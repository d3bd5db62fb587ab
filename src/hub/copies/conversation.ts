/**
 * What copies of the hub say to each other over their database: small words about subjects, a moment later, many in one message.
 * Nothing depends on being heard: what has to last is in the tables.
 */
import { z } from 'zod';
import type { Log } from '../../lib/log.ts';
import type { HubDatabase } from '../db/database.ts';
import { DelayedWrite } from '../db/delayed-write.ts';

export interface Participant {
  /** @param word as another copy has said it, which may be of another version. @param copy which one. */
  readonly hear: (word: unknown, copy: string) => void;
  /** What was said before may have been missed. */
  readonly missed?: () => void;
}

/** In milliseconds. */
const tellAfter = 100;
/** In bytes: of one message, which may have 8000. */
const maxMessage = 7000;
/** Kept for one moment; what is more is not told. */
const maxWaiting = 1000;

const messageSchema = z.object({ copy: z.string(), words: z.array(z.tuple([z.string(), z.unknown()])) });

export class Conversation implements AsyncDisposable {
  readonly #copy: string = crypto.randomUUID();
  readonly #database: HubDatabase;
  readonly #participants = new Map<string, Participant>();
  readonly #waiting: string[] = [];
  readonly #told: DelayedWrite;
  readonly #listening: AsyncDisposable;

  constructor(database: HubDatabase, log: Log) {
    this.#database = database;
    this.#told = new DelayedWrite({
      after: tellAfter,
      write: () => this.#tell(),
      log,
      failure: 'cannot speak to other copies of the hub',
    });
    this.#listening = database.listen({
      hear: (text) => this.#hear(text),
      missed: () => {
        for (const { missed } of this.#participants.values()) missed?.();
      },
    });
  }

  /** From here on the participant hears what other copies say about the subject. @returns what says something about it. */
  join(subject: string, participant: Participant): (word: object) => void {
    this.#participants.set(subject, participant);
    return (word) => {
      if (this.#waiting.length < maxWaiting) this.#waiting.push(JSON.stringify([subject, word]));
      this.#told.schedule();
    };
  }

  /** What cannot be told now is lost. */
  async #tell(): Promise<void> {
    for (const words of messagesOf(this.#waiting.splice(0))) {
      await this.#database.say(`{"copy":"${this.#copy}","words":[${words.join(',')}]}`);
    }
  }

  #hear(text: string): void {
    const { data: message } = messageSchema.safeParse(parseJson(text));
    if (!message || message.copy === this.#copy) return;
    for (const [subject, word] of message.words) this.#participants.get(subject)?.hear(word, message.copy);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening[Symbol.asyncDispose]();
    await this.#told[Symbol.asyncDispose]();
  }
}

/** As many words together as a message takes. */
function* messagesOf(words: readonly string[]): Generator<readonly string[]> {
  let some: string[] = [];
  let size = 0;
  for (const word of words) {
    const length = Buffer.byteLength(word) + 1;
    if (length > maxMessage) continue;
    if (size + length > maxMessage) {
      yield some;
      some = [];
      size = 0;
    }
    some.push(word);
    size += length;
  }
  if (some.length > 0) yield some;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
