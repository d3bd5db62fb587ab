/** While somebody copies blobs out of the hub (a backup, an export) their bytes stay, whoever lets go of them. */
export const keeping = (): string[] => [
  // It ends by itself at expires_at, for whoever was cut off; who goes on moves that ahead.
  `CREATE TABLE holds (
     id         TEXT   PRIMARY KEY,
     purpose    TEXT   NOT NULL,
     expires_at BIGINT NOT NULL)`,
];
