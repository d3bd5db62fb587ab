/** It has no types of its own. */
declare module 'pgpass' {
  interface Connection {
    readonly host: string;
    readonly port: number;
    readonly database: string | undefined;
    readonly user: string | undefined;
  }
  /** Looks into PGPASSFILE, or ~/.pgpass. `done` gets undefined where there is no password for the connection. */
  export default function pgpass(connection: Connection, done: (password: string | undefined) => void): void;
}
