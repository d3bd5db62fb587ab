/**
 * The SQLite file that a hub is moved out of. It refuses every write by triggers of its own, in whichever process: what was
 * acknowledged before is what is moved, and a hub that goes on serving it answers pulls, and pushes with 503. It stays so when the
 * move is cut off, and after it, so that nothing is pushed to where nobody looks any more; `thaw` ends it.
 */
import { Database as SqliteFile } from 'bun:sqlite';
import { movedMark } from '../sqlite-errors.ts';

export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  /** In the order of the key. */
  readonly key: readonly string[];
  readonly rows: number;
}

export type Row = Readonly<Record<string, unknown>>;

/** Not rows of the hub's own: the index of words is made anew. */
const others = /^(?:sqlite_|search_|schema_version$|moved$)/;
const events = ['INSERT', 'UPDATE', 'DELETE'] as const;

export class FrozenSource implements Disposable {
  readonly #file: SqliteFile;
  /** Tells one source, and one freezing of it, from others. */
  readonly id: string;
  readonly tables: readonly TableShape[];

  private constructor(file: SqliteFile, id: string) {
    this.#file = file;
    this.id = id;
    this.tables = shapesOf(file);
  }

  /** Whatever was being written ends first. Idempotent. @param path a file with this program's schema. */
  static open(path: string): FrozenSource {
    const file = new SqliteFile(path);
    file.run('PRAGMA busy_timeout = 60000');
    const freeze = file.transaction(() => {
      file.run('CREATE TABLE IF NOT EXISTS moved (id TEXT NOT NULL)');
      const known = file.query<{ id: string }, []>('SELECT id FROM moved').get();
      if (known) return known.id;
      const id = crypto.randomUUID();
      file.run('INSERT INTO moved VALUES (?)', [id]);
      for (const table of tablesOf(file)) {
        for (const event of events) {
          file.run(`CREATE TRIGGER ${triggerOf(table, event)} BEFORE ${event} ON ${table}
            BEGIN SELECT RAISE(ABORT, '${movedMark}'); END`);
        }
      }
      return id;
    });
    return new FrozenSource(file, freeze.immediate());
  }

  /** Takes writes again, for a move that is given up. */
  static thaw(path: string): void {
    using file = new SqliteFile(path);
    file.run('PRAGMA busy_timeout = 60000');
    file
      .transaction(() => {
        file.run('DROP TABLE IF EXISTS moved');
        for (const table of tablesOf(file)) {
          for (const event of events) file.run(`DROP TRIGGER IF EXISTS ${triggerOf(table, event)}`);
        }
      })
      .immediate();
  }

  /** In the order of their numbers, with that number as `rowid`. */
  rows({ name, columns }: TableShape, after: number): IterableIterator<Row & { readonly rowid: number }> {
    return this.#file
      .query<Row & { rowid: number }, [number]>(
        `SELECT rowid AS rowid, ${columns.join(', ')} FROM ${name} WHERE rowid > ? ORDER BY rowid`,
      )
      .iterate(after);
  }

  inKeyOrder({ name, columns, key }: TableShape): IterableIterator<Row> {
    return this.#file
      .query<Row, []>(`SELECT ${columns.join(', ')} FROM ${name} ORDER BY ${key.join(', ')}`)
      .iterate();
  }

  /** The last number that each table's counter has given; of those that have given one. */
  counters(): readonly { readonly name: string; readonly seq: number }[] {
    return this.#file
      .query<{ name: string; seq: number }, []>('SELECT name, seq FROM sqlite_sequence WHERE seq > 0')
      .all()
      .filter(({ name }) => this.tables.some((table) => table.name === name));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function triggerOf(table: string, event: string): string {
  return `moved_${table}_${event.toLowerCase()}`;
}

function tablesOf(file: SqliteFile): readonly string[] {
  const found = file.query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return found.map(({ name }) => name).filter((name) => !others.test(name));
}

/** Each after those that it refers to. */
export function shapesOf(file: SqliteFile): readonly TableShape[] {
  const waiting = new Set(tablesOf(file));
  const shapes: TableShape[] = [];
  const visit = (name: string): void => {
    if (!waiting.delete(name)) return;
    const references = file.query<{ table: string }, []>(`PRAGMA foreign_key_list(${name})`).all();
    for (const { table } of references) visit(table);
    const columns = file.query<{ name: string; pk: number }, []>(`PRAGMA table_info(${name})`).all();
    const key = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
    const counted = file.query<{ count: number }, []>(`SELECT count(*) AS count FROM ${name}`).get();
    shapes.push({
      name,
      columns: columns.map((column) => column.name),
      key: key.map((column) => column.name),
      rows: counted?.count ?? 0,
    });
  };
  for (const name of waiting) visit(name);
  return shapes;
}
