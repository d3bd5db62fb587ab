/** An authority that speaks ACME: Let's Encrypt's own for tests, with a resolver for which every name is this machine. */
import { expect } from 'bun:test';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from 'dns-packet';
import { eventually } from '../../support/eventually.ts';
import { makeCertificates } from '../../support/certificates.ts';
import { freePort } from '../../support/running-cais.ts';

export interface Pebble extends AsyncDisposable {
  /** Of its directory. */
  readonly url: string;
  /** Who signed the certificate of its own address: for NODE_EXTRA_CA_CERTS. */
  readonly trust: string;
  /** What has signed the certificates that it gives, as PEM. */
  root(): Promise<string>;
  /** Serial numbers of those that it has given, oldest first. */
  issued(): Promise<readonly string[]>;
}

export interface PebbleOptions {
  /** Where it looks for answers to challenges. */
  readonly httpPort: number;
  /** Of the certificates that it gives, in seconds. */
  readonly lifetime?: number;
}

export async function startPebble({ httpPort, lifetime = 86_400 }: PebbleOptions): Promise<Pebble> {
  const stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'cais-pebble-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const certificates = stack.use(makeCertificates());
  const [port, management, dns] = [await freePort(), await freePort(), await freePort()];
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate: join(certificates.server, 'cert.pem'),
      privateKey: join(certificates.server, 'key.pem'),
      httpPort,
      tlsPort: httpPort,
      certificateValidityPeriod: lifetime,
    },
  };
  const configPath = join(directory, 'config.json');
  await Bun.write(configPath, JSON.stringify(config));
  stack.use(await resolveToLoopback(dns));
  const logPath = join(directory, 'log');
  const child = Bun.spawn(['pebble', '-config', configPath, '-dnsserver', `127.0.0.1:${dns}`], {
    env: { ...process.env, PEBBLE_VA_NOSLEEP: '1' },
    stdin: 'ignore',
    stdout: Bun.file(logPath),
    stderr: Bun.file(logPath),
  });
  stack.defer(async () => {
    child.kill();
    await child.exited;
  });
  const tls = { ca: Bun.file(join(certificates.server, 'ca.pem')) };
  const url = `https://127.0.0.1:${port}/dir`;
  await eventually(() => fetch(url, { tls }));
  return {
    url,
    trust: join(certificates.server, 'ca.pem'),
    root: async () => (await fetch(`https://127.0.0.1:${management}/roots/0`, { tls })).text(),
    async issued() {
      const log = await Bun.file(logPath).text();
      return [...log.matchAll(/Issued certificate serial ([\da-f]+)/g)].map((match) => match[1] ?? '');
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A name server: every name is 127.0.0.1, but those below `nowhere.test`. */
async function resolveToLoopback(port: number): Promise<Disposable> {
  const server = createSocket('udp4');
  server.on('message', (message, peer) => {
    const { id, questions = [] } = decode(message);
    const known = questions.filter(({ type, name }) => type === 'A' && !name.endsWith('nowhere.test'));
    const answers = known.map(({ name }) => ({ type: 'A', name, data: '127.0.0.1', ttl: 1 }) as const);
    server.send(encode({ id: id ?? 0, type: 'response', questions, answers }), peer.port, peer.address);
  });
  server.bind(port, '127.0.0.1');
  await once(server, 'listening');
  if (server.address().port !== port) expect.unreachable('another port');
  return { [Symbol.dispose]: () => server.close() };
}
