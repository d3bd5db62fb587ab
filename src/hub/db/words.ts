/** What the databases spell differently; everything else is SQL that both take. */
import type { RawBuilder } from 'kysely';

export type SearchTable = 'search_names' | 'search_texts' | 'search_private';

interface Trigger {
  readonly name: string;
  readonly event: 'INSERT' | 'DELETE' | `UPDATE OF ${string}`;
  readonly table: string;
  /** Statements, each with its semicolon; the row is NEW or OLD. */
  readonly body: string;
}

export interface Words {
  /** The type of a key that the database counts up and never gives twice. */
  readonly counter: string;
  readonly bytes: string;
  /** What migrations write for both: a table's or a column's definition as this database needs it. */
  definition(statement: string): string;
  /** Runs for each row, after it. */
  trigger(trigger: Trigger): readonly string[];
  /** The tables of the search index: as the first schema had them, and as they are now. */
  readonly searchTables: { readonly first: readonly string[]; readonly ranked: readonly string[] };
  /** So that of programs that migrate at once the others wait. Part of the migration's transaction. */
  readonly lockForMigration: readonly string[];

  /**
   * A condition on rows of a search table: those that hold every word of one of these lists as the beginning of one of theirs.
   * @param choices of letters and digits only; at least one word in each.
   */
  matches(table: SearchTable, choices: readonly (readonly string[])[]): RawBuilder<boolean>;
  /** `SELECT` of these whole numbers: one statement however many they are. */
  numbers(values: readonly number[]): RawBuilder<unknown>;
}
