/** Whoever looks at what the database is asked: watching/statement-watch.ts while the hub serves, nobody for a verb of the shell. */
export interface Statements {
  /** @param text of the statement, without its values. */
  run<T>(text: string, work: () => Promise<T>): Promise<T>;
  /** The same for a database that answers at once. */
  runNow<T>(text: string, work: () => T): T;
}

export const unwatched: Statements = {
  run: (_text, work) => work(),
  runNow: (_text, work) => work(),
};
