/** A hub that gets its certificate from an authority by ACME: pebble, Let's Encrypt's authority for tests, which verifies what it is told. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { newPostgresDatabase } from '../../src/hub/testing/database-config.ts';
import { eventually } from '../support/eventually.ts';
import { caisBinary, freePort } from '../support/running-cais.ts';
import { type Pebble, startPebble } from './support/pebble.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const name = 'hub.example.test';
let httpPort: number;
let pebble: Pebble;
let directory: string;

beforeAll(async () => {
  httpPort = await freePort();
  pebble = await startPebble({ httpPort });
  directory = await mkdtemp(join(tmpdir(), 'cais-acme-'));
});
afterAll(async () => {
  await pebble[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

interface AcmeHub extends AsyncDisposable {
  readonly port: number;
  readonly httpPort: number;
  log(): Promise<string>;
  /** By SIGHUP. By itself it looks every ten seconds. */
  lookAgain(): void;
  /** The serial number of the certificate that it shows, checked with the authority's; undefined while it shows none. */
  serial(): Promise<string | undefined>;
}

interface HubPlace {
  readonly authority?: Pebble;
  readonly data: string;
  readonly database?: string;
  readonly http: number;
  readonly names?: string;
}

async function startHub({
  authority = pebble,
  data,
  database,
  http,
  names = name,
}: HubPlace): Promise<AcmeHub> {
  const port = await freePort();
  const log = join(directory, `hub-${port}.log`);
  const child = Bun.spawn([caisBinary, 'hub', 'serve'], {
    env: {
      ...process.env,
      CAIS_DATA: join(directory, data),
      CAIS_HUB_LISTEN: `127.0.0.1:${port}`,
      CAIS_HUB_HTTP_LISTEN: `127.0.0.1:${http}`,
      CAIS_HUB_ACME: names,
      CAIS_HUB_ACME_EMAIL: 'somebody@example.test',
      CAIS_HUB_ACME_DIRECTORY: authority.url,
      CAIS_HUB_DATABASE: database,
      NODE_EXTRA_CA_CERTS: authority.trust,
    },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: Bun.file(log),
  });
  const root = await authority.root();
  return {
    port,
    httpPort: http,
    lookAgain: () => child.kill('SIGHUP'),
    log: () => Bun.file(log).text(),
    serial: () => serialOf(port, root),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

function serialOf(port: number, ca: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ port, host: '127.0.0.1', servername: name, ca });
  socket.once('secureConnect', () => resolve(socket.getPeerCertificate().serialNumber.toLowerCase()));
  socket.once('error', () => resolve(undefined));
  return promise.finally(() => socket.destroy());
}

async function firstSerial(hub: AcmeHub): Promise<string> {
  return await eventually(async () => {
    const serial = await hub.serial();
    return serial ?? expect.unreachable(`no certificate is served:\n${await hub.log()}`);
  });
}

test('a certificate is ordered, served, and there again after a restart', async () => {
  const before = (await pebble.issued()).length;
  let serial: string;
  {
    await using hub = await startHub({ data: 'one', http: httpPort });
    serial = await firstSerial(hub);
    const led = await fetch(`http://127.0.0.1:${httpPort}/r/alice/app`, { redirect: 'manual' });
    expect(led.headers.get('Location')).toBe(`https://127.0.0.1:${hub.port}/r/alice/app`);
    expect(await hub.log()).not.toContain('PRIVATE KEY');
  }
  await using again = await startHub({ data: 'one', http: httpPort });
  expect(await firstSerial(again)).toBe(serial);
  expect(await pebble.issued()).toHaveLength(before + 1);
});

test('of two copies over one database one orders, and either answers the authority', async () => {
  const database = await newPostgresDatabase();
  const before = (await pebble.issued()).length;
  // The authority comes to the first; whichever of the two has the order.
  await using first = await startHub({ data: 'first', database, http: httpPort });
  await using second = await startHub({ data: 'second', database, http: await freePort() });
  expect(await firstSerial(second)).toBe(await firstSerial(first));
  expect(await pebble.issued()).toHaveLength(before + 1);
});

test('a certificate is renewed with a third of its life left, while the hub serves', async () => {
  await using quick = await startPebble({ httpPort, lifetime: 9 });
  await using hub = await startHub({ authority: quick, data: 'quick', http: httpPort });
  const first = await firstSerial(hub);
  await eventually(async () => {
    hub.lookAgain();
    expect([undefined, first]).not.toContain(await hub.serial());
  }, 60_000);
});

test('a name that does not lead here is told, plain HTTP goes on, and it is not asked again at once', async () => {
  const issued = await pebble.issued();
  await using hub = await startHub({ data: 'lost', http: httpPort, names: 'hub.nowhere.test' });
  await eventually(async () => expect(await hub.log()).toContain('no certificate was given'), 60_000);
  const lines = (await hub.log()).split('\n').filter((line) => line.includes('no certificate was given'));
  const { again, error } = JSON.parse(lines[0] ?? '') as { again: string; error: string };
  expect(Date.parse(again)).toBeGreaterThan(Date.now() + 30_000);
  expect(error).not.toBe('');
  expect((await fetch(`http://127.0.0.1:${httpPort}/`, { redirect: 'manual' })).status).toBe(308);
  expect(await pebble.issued()).toEqual(issued);
});
