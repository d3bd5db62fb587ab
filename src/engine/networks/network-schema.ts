/** The networks' tables in the engine's database. */

/** One migration. Addresses are handed out under the unique index, so two containers never share one, crash or not. */
export const networkSchema = `
  CREATE TABLE network (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    driver TEXT NOT NULL,
    created TEXT NOT NULL,
    bridge TEXT,
    subnet TEXT
  ) STRICT;
  CREATE TABLE endpoint (
    container_id TEXT NOT NULL,
    network_id TEXT NOT NULL REFERENCES network (id),
    address INTEGER,
    details TEXT NOT NULL,
    PRIMARY KEY (container_id, network_id)
  ) STRICT;
  CREATE UNIQUE INDEX endpoint_address ON endpoint (network_id, address) WHERE address IS NOT NULL;
`;

/** What its maker said of a network: see NetworkOptions. */
export const networkOptionsSchema = `ALTER TABLE network ADD COLUMN options TEXT NOT NULL DEFAULT '{}'`;
