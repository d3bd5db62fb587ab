/** The networks' tables in the engine's database. */

/** One migration. Addresses are handed out under the unique index, so two containers never share one, crash or not. */
export const networkSchema = `
  CREATE TABLE networks (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    driver TEXT NOT NULL,
    bridge TEXT,
    subnet TEXT,
    gateway TEXT,
    created_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE endpoints (
    container_id TEXT PRIMARY KEY,
    network_id TEXT NOT NULL REFERENCES networks (id),
    container_name TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    sandbox TEXT,
    address TEXT,
    details TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX endpoints_address ON endpoints (network_id, address) WHERE address IS NOT NULL;
`;
