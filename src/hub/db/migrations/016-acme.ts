/** What a hub keeps that gets its certificate by ACME: in the database, so that copies of it share one account and one certificate. */

/**
 * One value by name: `account` and `certificate` as JSON with their private keys, and `challenge/TOKEN` as the text that proves
 * to the authority who answers for the name, for as long as it asks.
 */
export function acme(): string[] {
  return [
    `CREATE TABLE acme (
       name       TEXT   NOT NULL PRIMARY KEY,
       value      TEXT   NOT NULL,
       updated_at BIGINT NOT NULL)`,
  ];
}
