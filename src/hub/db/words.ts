/** What the databases spell differently. */
export interface Words {
  /** The type of a key that the database counts up and never gives twice. */
  readonly counter: string;
  readonly bytes: string;
}

export const sqliteWords: Words = { counter: 'INTEGER PRIMARY KEY AUTOINCREMENT', bytes: 'BLOB' };
