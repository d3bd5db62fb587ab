/**
 * The transaction around a piece of code: what stores change within it is part of it, without one of them knowing of another. So
 * what is done and the line that says who did it are there together, or neither is.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transaction } from './transaction.ts';

interface Around {
  readonly transaction: Transaction;
  readonly afterwards: (() => void)[];
  /** Work that nobody waited for may go on when the transaction is long over. */
  isOpen: boolean;
}

export class Ambient {
  readonly #storage = new AsyncLocalStorage<Around>();

  get transaction(): Transaction | undefined {
    return this.#current?.transaction;
  }

  /** Runs the work in the transaction that is there, or in the one that `begin` begins. */
  async within<T>(
    work: (transaction: Transaction) => Promise<T>,
    begin: (work: (transaction: Transaction) => Promise<T>) => Promise<T>,
  ): Promise<T> {
    const around = this.#current;
    if (around) return await work(around.transaction);
    const afterwards: (() => void)[] = [];
    const result = await begin(async (transaction) => {
      const own: Around = { transaction, afterwards, isOpen: true };
      try {
        return await this.#storage.run(own, () => work(transaction));
      } finally {
        own.isOpen = false;
      }
    });
    for (const each of afterwards) each();
    return result;
  }

  /** When the transaction around has ended well; at once where there is none. */
  afterwards(work: () => void): void {
    const around = this.#current;
    if (around) around.afterwards.push(work);
    else work();
  }

  get #current(): Around | undefined {
    const around = this.#storage.getStore();
    return around?.isOpen === true ? around : undefined;
  }
}
