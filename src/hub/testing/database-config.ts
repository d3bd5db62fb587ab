/**
 * The database of a test's hub: SQLite, or PostgreSQL where `CAIS_TEST_DATABASE=postgres` is set. One server for all tests of a
 * process, and for each hub a copy of a database that has the schema already.
 */
import { PostgresDatabase } from '../db/postgres-database.ts';
import { PostgresServer } from './postgres-server.ts';

/** Which one these tests run on. */
const testDatabase = process.env['CAIS_TEST_DATABASE'] === 'postgres' ? 'postgres' : 'sqlite';

let server: Promise<PostgresServer> | undefined;

/** A hub's settings that are not as they come. */
export async function databaseSettings(): Promise<Readonly<Record<string, string>>> {
  if (testDatabase === 'sqlite') return {};
  return {
    CAIS_HUB_DATABASE: await newPostgresDatabase(),
    CAIS_HUB_DATABASE_POOL: '4',
    CAIS_HUB_DRAIN: '0',
  };
}

/** `postgres://…` of a database with the hub's schema. */
export async function newPostgresDatabase(): Promise<string> {
  return (await postgresServer()).create('template_hub');
}

/** `postgres://…` of a database without anything. */
export async function emptyPostgresDatabase(): Promise<string> {
  return (await postgresServer()).create();
}

function postgresServer(): Promise<PostgresServer> {
  server ??= start();
  return server;
}

async function start(): Promise<PostgresServer> {
  const started = await PostgresServer.start();
  await started.run('CREATE DATABASE template_hub');
  const address = { url: started.urlOf('template_hub'), poolSize: 2 };
  await (await PostgresDatabase.open(address))[Symbol.asyncDispose]();
  return started;
}
