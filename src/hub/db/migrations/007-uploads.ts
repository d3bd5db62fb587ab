/** An upload session is its ingest, whose name says all that the table did. */
export const uploads = (): string[] => ['DROP TABLE uploads'];
