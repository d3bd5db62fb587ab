/** TLS with a certificate in files: what is served, what is refused, and how another certificate takes its place. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type Certificates, makeCertificates } from '../../../tests/support/certificates.ts';
import { createLog } from '../../lib/log.ts';
import { run } from '../../lib/subprocess.ts';
import { readHubConfig } from '../config.ts';
import { createHub, type Hub } from '../hub.ts';
import { type HubServer, serveHub } from '../server.ts';
import { testSelf } from '../testing/test-self.ts';
import { serveRedirects } from './redirect-server.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let made: Certificates;
let other: Certificates;
beforeAll(() => {
  made = makeCertificates();
  other = makeCertificates();
});
afterAll(() => {
  made[Symbol.dispose]();
  other[Symbol.dispose]();
});

class SecureHub implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'cais-tls-test-'));
  readonly #stack = new AsyncDisposableStack();
  hub!: Hub;
  server!: HubServer;

  static async start(pages?: (request: Request) => Response): Promise<SecureHub> {
    const secure = new SecureHub();
    secure.#stack.defer(() => rmSync(secure.directory, { recursive: true, force: true }));
    secure.put(made);
    const settings = { data: join(secure.directory, 'data'), listen: '127.0.0.1:0', tls: secure.paths };
    const log = createLog('hub', 'silent');
    const config = readHubConfig(settings, {});
    secure.hub = secure.#stack.use(await createHub(config, { self: testSelf, log, ...(pages && { pages }) }));
    secure.server = secure.#stack.use(serveHub(secure.hub, config.listen));
    return secure;
  }

  get paths(): { readonly cert: string; readonly key: string } {
    return { cert: join(this.directory, 'cert.pem'), key: join(this.directory, 'key.pem') };
  }

  /** As whoever renews a certificate does. */
  put({ server }: Certificates): void {
    copyFileSync(join(server, 'cert.pem'), this.paths.cert);
    copyFileSync(join(server, 'key.pem'), this.paths.key);
  }

  /** @param trusted whose authority the client believes. */
  get(path: string, trusted = made): Promise<Response> {
    const tls = { ca: Bun.file(join(trusted.server, 'ca.pem')) };
    return fetch(`https://127.0.0.1:${this.server.port}${path}`, { tls, keepalive: false });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** Whether a client that speaks nothing newer than this gets through. */
function speaks(port: number, maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    maxVersion,
  });
  socket.once('secureConnect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

describe('a hub with a certificate in files', () => {
  test('serves https by the name in its certificate, from TLS 1.2 on', async () => {
    await using secure = await SecureHub.start();
    expect(secure.server.url).toBe(`https://localhost:${secure.server.port}`);
    expect(await (await secure.get('/readyz')).text()).toBe('ready\n');
    const challenge = (await secure.get('/v2/')).headers.get('WWW-Authenticate');
    expect(challenge).toContain(`realm="https://127.0.0.1:${secure.server.port}/token"`);
    await expect(secure.get('/readyz', other)).rejects.toThrow();
    const versions = ['TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
    const answers = await Promise.all(versions.map((version) => speaks(secure.server.port, version)));
    expect(answers).toEqual([false, true, true]);
  });

  test('takes another certificate while it serves: no connection is refused, no answer broken', async () => {
    const { promise: rest, resolve: sendRest } = Promise.withResolvers<void>();
    const pages = (): Response =>
      new Response(
        new ReadableStream<Uint8Array>({
          async start(controller) {
            controller.enqueue(Buffer.from('begun under the first, '));
            await rest;
            controller.enqueue(Buffer.from('ended under the second'));
            controller.close();
          },
        }),
      );
    await using secure = await SecureHub.start(pages);
    const begun = await secure.get('/a-page');
    secure.put(other);
    // Some ask all the time: each has to be answered, under one certificate or the other.
    const asking = Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        if (index === 20) await secure.hub.tls?.certificates.reload();
        return secure.get('/healthz', made).catch(() => secure.get('/healthz', other));
      }),
    );
    expect((await asking).every(({ ok }) => ok)).toBe(true);
    expect((await secure.get('/readyz', other)).ok).toBe(true);
    await expect(secure.get('/readyz', made)).rejects.toThrow();
    sendRest();
    expect(await begun.text()).toBe('begun under the first, ended under the second');
    // And once more, from a server that took over itself.
    secure.put(made);
    await secure.hub.tls?.certificates.reload();
    expect((await secure.get('/readyz', made)).ok).toBe(true);
  });

  test('keeps the one it has when the next is wrong', async () => {
    await using secure = await SecureHub.start();
    copyFileSync(join(other.server, 'key.pem'), secure.paths.key);
    await secure.hub.tls?.certificates.reload();
    expect((await secure.get('/readyz')).ok).toBe(true);
    rmSync(secure.paths.cert);
    await secure.hub.tls?.certificates.reload();
    expect((await secure.get('/readyz')).ok).toBe(true);
    secure.put(other);
    await secure.hub.tls?.certificates.reload();
    expect((await secure.get('/readyz', other)).ok).toBe(true);
  });

  test('leads plain HTTP to https, with the same path and method', async () => {
    await using secure = await SecureHub.start();
    const listen = { hostname: '127.0.0.1', port: 0 };
    const { port } = secure.server;
    await using plain = serveRedirects(secure.hub, listen, { port, publicUrl: undefined });
    const ask = (path: string, method = 'GET'): Promise<Response> =>
      fetch(`http://127.0.0.1:${plain.port}${path}`, { method, redirect: 'manual' });
    const answer = await ask('/v2/alice/app/tags/list?n=3', 'PUT');
    expect(answer.status).toBe(308);
    expect(answer.headers.get('Location')).toBe(`https://127.0.0.1:${port}/v2/alice/app/tags/list?n=3`);
    expect((await ask('/.well-known/acme-challenge/AAAAAAAAAAAAAAAAAAAAAAAA')).status).toBe(404);
    expect((await ask('/.well-known/acme-challenge/../../etc/passwd')).status).toBe(308);
    const publicUrl = 'https://hub.example';
    await using known = serveRedirects(secure.hub, listen, { port, publicUrl });
    const led = await fetch(`http://127.0.0.1:${known.port}//evil.test/x`, { redirect: 'manual' });
    expect(led.headers.get('Location')).toMatch(/^https:\/\/hub\.example\//);
  });
});

describe('what cannot be served with is refused at the start, by name', () => {
  const start = async (tls: Partial<Record<'cert' | 'key', string>>): Promise<string> => {
    const directory = mkdtempSync(join(tmpdir(), 'cais-tls-test-'));
    try {
      const config = readHubConfig({ data: directory, tls }, {});
      await using _hub = await createHub(config, { self: testSelf, log: createLog('hub', 'silent') });
      return 'served';
    } catch (error) {
      return String(error);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };
  const cert = (): string => join(made.server, 'cert.pem');
  const key = (): string => join(made.server, 'key.pem');

  test('a file that is not there, or is nothing of the kind', async () => {
    expect(await start({ cert: cert(), key: '/nowhere/key.pem' })).toMatch(/--tls-key.*\/nowhere\/key\.pem/);
    expect(await start({ cert: key(), key: key() })).toContain('the certificate is no PEM certificate');
    expect(await start({ cert: cert(), key: cert() })).toContain('the key is no PEM key');
  });

  test("another certificate's key", async () => {
    const message = await start({ cert: cert(), key: join(other.server, 'key.pem') });
    expect(message).toContain('the key is not the one of the certificate');
  });

  test('one that has expired, or is of tomorrow', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cais-tls-test-'));
    try {
      const paths = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
      const make = async (from: string, until: string): Promise<void> => {
        writeFileSync(join(directory, 'index.txt'), '');
        const config = `[ca]\ndefault_ca=x\n[x]\ndatabase=${directory}/index.txt\nnew_certs_dir=${directory}
default_md=sha256\npolicy=p\nrand_serial=yes\nunique_subject=no\n[p]\ncommonName=supplied\n[req]\ndistinguished_name=d\n[d]\n`;
        const configPath = join(directory, 'ca.cnf');
        writeFileSync(configPath, config);
        const request = join(directory, 'request.pem');
        const ask = ['req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=hub.test', '-config', configPath];
        await run(['openssl', ...ask, '-keyout', paths.key, '-out', request]);
        const times = ['-startdate', from, '-enddate', until];
        const sign = ['ca', '-batch', '-config', configPath, '-selfsign', '-keyfile', paths.key, ...times];
        const made = await run(['openssl', ...sign, '-in', request, '-out', paths.cert, '-notext']);
        expect(made.exitCode, made.stderr).toBe(0);
      };
      await make('20200101000000Z', '20210101000000Z');
      expect(await start(paths)).toContain('has expired on 2021-01-01');
      await make('20900101000000Z', '20910101000000Z');
      expect(await start(paths)).toContain('not valid before 2090-01-01');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test.each([
    [{ cert: 'a' }, 'need each other'],
    [{ cert: 'a', key: 'b', acme: ['hub.example'] }, 'exclude each other'],
    [{ httpListen: ':80' }, '--http-listen'],
    [{ acme: ['hub.example'], httpListen: '80' }, '--http-listen'],
    [{ acme: ['https://hub.example'] }, '--acme'],
    [{ acme: ['hub.example'], acmeEmail: 'nobody' }, '--acme-email'],
    [{ acme: ['hub.example'], acmeDirectory: 'http://ca.example' }, '--acme-directory'],
  ])('settings that contradict each other: %p', (tls, message) => {
    expect(() => readHubConfig({ tls }, {})).toThrow(message);
  });
});
