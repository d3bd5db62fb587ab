/** TLS on the way to PostgreSQL, and passwords that no address holds. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from '../../../tests/support/certificates.ts';
import { PostgresServer } from '../testing/postgres-server.ts';
import { readPostgresTls } from './postgres-tls.ts';

setDefaultTimeout(120_000);

const loopback = `127.${7 + (process.pid % 200)}.${(process.pid >> 8) % 250}.1`;

let certificates: Certificates;
let directory: string;
let server: PostgresServer;
let door: Server;
let port: number;

beforeAll(async () => {
  certificates = makeCertificates();
  directory = mkdtempSync(join(tmpdir(), 'cais-postgres-tls-'));
  const { uid, gid } = statSync('/var/lib/postgresql');
  const own = (name: string, content: string | Buffer) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    chownSync(path, uid, gid);
    return path;
  };
  chownSync(directory, uid, gid);
  const read = (name: string) => readFileSync(join(certificates.server, name));
  const rules = ['local all all trust', 'hostssl all sealed all scram-sha-256 clientcert=verify-ca'];
  server = await PostgresServer.start([
    'fsync=off',
    `listen_addresses=${loopback}`,
    'ssl=on',
    `ssl_cert_file=${own('cert.pem', read('cert.pem'))}`,
    `ssl_key_file=${own('key.pem', read('key.pem'))}`,
    `ssl_ca_file=${own('ca.pem', read('ca.pem'))}`,
    `hba_file=${own('hba.conf', [...rules, 'hostssl all all all scram-sha-256', ''].join('\n'))}`,
  ]);
  for (const name of ['hub', 'sealed']) await server.run(`CREATE ROLE ${name} LOGIN PASSWORD 'hush:\\hush'`);
  await server.run('CREATE DATABASE hub OWNER hub');
  await server.run('GRANT hub TO sealed');
  // The certificate is for 127.0.0.1, where port 5432 may be somebody's.
  door = createServer((socket) => {
    const inner = connect(5432, loopback);
    socket.on('error', () => inner.destroy()).pipe(inner);
    inner.on('error', () => socket.destroy()).pipe(socket);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  ({ port } = door.address() as { port: number });
  const passwords = ['hub', 'sealed'].map((name) => `127.0.0.1:${port}:hub:${name}:hush\\:\\\\hush\n`);
  writeFileSync(join(directory, 'passwords'), passwords.join(''), { mode: 0o600 });
});
afterAll(async () => {
  door?.close();
  await server?.[Symbol.asyncDispose]();
  certificates?.[Symbol.dispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** Opens the hub's database in a process of its own. @returns whether the connection is encrypted, or why there is none. */
async function open(query: string, { env = {}, user = 'hub', host = '127.0.0.1' } = {}): Promise<string> {
  const url = `postgres://${user}@${host}:${port}/hub?${query}`;
  const program = `
    const { PostgresDatabase } = await import(${JSON.stringify(`${import.meta.dir}/postgres-database.ts`)});
    const { readHubConfig } = await import(${JSON.stringify(`${import.meta.dir}/../config.ts`)});
    const { sql } = await import('kysely');
    try {
      const { postgres } = readHubConfig({ database: ${JSON.stringify(url)} });
      await using database = await PostgresDatabase.open(postgres, { patience: 0 });
      const [row] = await database.read(sql\`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()\`);
      console.log(row.ssl === 1 ? 'encrypted' : 'plain');
    } catch (error) { console.log(error.message); }`;
  const child = Bun.spawn([process.execPath, '-e', program], {
    env: { ...process.env, PGPASSFILE: join(directory, 'passwords'), ...env },
    cwd: join(import.meta.dir, '../../..'),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return (stdout + stderr).trim();
}

const root = () => join(certificates.server, 'ca.pem');
const strangerRoot = () => join(certificates.stranger, '../other.pem');

describe('the way to PostgreSQL', () => {
  test('is encrypted where the address says so, with the password of a file', async () => {
    expect(await open('sslmode=require')).toBe('encrypted');
    expect(await open(`sslmode=verify-full&sslrootcert=${root()}`)).toBe('encrypted');
  });

  test('is encrypted where the variables of libpq say so; the address wins', async () => {
    const env = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: root() };
    expect(await open('', { env })).toBe('encrypted');
    expect(await open('sslmode=require', { env: { PGSSLMODE: 'nonsense' } })).toBe('encrypted');
  });

  test('is not gone in plain text when the server takes none', async () => {
    expect(await open('sslmode=disable')).toContain('no pg_hba.conf entry');
  });

  test('ends at a server that another authority vouches for', async () => {
    for (const mode of ['verify-full', 'verify-ca', 'require']) {
      expect(await open(`sslmode=${mode}&sslrootcert=${strangerRoot()}`)).toStartWith(
        'the connection to the database is not secure: ',
      );
    }
    // Without a root of its own: those of the machine.
    expect(await open('sslmode=verify-full')).toStartWith('the connection to the database is not secure: ');
  });

  test('ends at a server of another name, unless only its authority matters', async () => {
    const other = { host: '127.0.0.2' };
    const second = createServer((socket) => {
      const inner = connect(port, '127.0.0.1');
      socket.on('error', () => inner.destroy()).pipe(inner);
      inner.on('error', () => socket.destroy()).pipe(socket);
    });
    await new Promise<void>((resolve) => second.listen(port, other.host, resolve));
    try {
      const env = { PGPASSWORD: 'hush:\\hush' };
      expect(await open(`sslmode=verify-full&sslrootcert=${root()}`, { ...other, env })).toBe(
        'the connection to the database is not secure: ERR_TLS_CERT_ALTNAME_INVALID',
      );
      expect(await open(`sslmode=verify-ca&sslrootcert=${root()}`, { ...other, env })).toBe('encrypted');
    } finally {
      second.close();
    }
  });

  test('shows a certificate of its own where the server asks for one', async () => {
    const { client } = certificates;
    const mine = `sslcert=${client}/cert.pem&sslkey=${client}/key.pem`;
    expect(await open(`sslmode=require&${mine}`, { user: 'sealed' })).toBe('encrypted');
    expect(await open('sslmode=require', { user: 'sealed' })).toContain('valid client certificate');
  });

  test('is told what is wrong, and never the password', async () => {
    expect(await open('sslmode=prefer')).toEndWith(
      ': the database\'s sslmode is "prefer": disable, require, verify-ca or verify-full is expected',
    );
    expect(await open('sslmode=require&sslrootcert=/absent')).toContain(
      "cannot read the database's sslrootcert: ENOENT",
    );
    const wrong = await open('sslmode=require', { env: { PGPASSWORD: 'hush-hush', PGPASSFILE: '/absent' } });
    expect(wrong).toContain('password authentication failed');
    expect(wrong).not.toContain('hush');
  });
});

test('what the address says of anything else stays', () => {
  const { url, ssl } = readPostgresTls('postgres://a@b/c?host=%2Frun%2Fpg&sslmode=disable&port=7', {});
  expect({ url, ssl }).toEqual({ url: 'postgres://a@b/c?host=%2Frun%2Fpg&port=7', ssl: false });
  expect(readPostgresTls('postgres:///hub', {})).toEqual({ url: 'postgres:///hub', ssl: false });
});
