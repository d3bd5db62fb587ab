/** Started by a service manager: sockets that it has opened, and what it is told. systemd's own systemd-socket-activate opens them. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { caisBinary, freePort } from '../support/running-cais.ts';
import { type NotifySocket, openNotifySocket } from './support/notify-socket.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let directory: string;
let notices: NotifySocket;
let started: Bun.Subprocess[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-activation-'));
  notices = await openNotifySocket(join(directory, 'notify'));
  started = [];
});
afterEach(async () => {
  for (const child of started) child.kill();
  await Promise.all(started.map((child) => child.exited));
  notices[Symbol.dispose]();
  await rm(directory, { recursive: true, force: true });
});

interface Sockets {
  /** Name and where it listens, as systemd-socket-activate has it. */
  readonly sockets: Readonly<Record<string, string>>;
  readonly env?: Record<string, string>;
}

/** Waits for a first connection, as a socket unit does, and starts cais then. */
function activate(command: readonly string[], { sockets, env = {} }: Sockets): Bun.Subprocess {
  const listen = Object.values(sockets).flatMap((where) => ['--listen', where]);
  const settings = { CAIS_DATA: join(directory, 'data'), CAIS_RUN: join(directory, 'run'), ...env };
  const passed = Object.entries({ ...settings, NOTIFY_SOCKET: notices.path, WATCHDOG_USEC: '200000' });
  const child = Bun.spawn(
    [
      'systemd-socket-activate',
      ...listen,
      `--fdname=${Object.keys(sockets).join(':')}`,
      ...passed.map(([name, value]) => `--setenv=${name}=${value}`),
      caisBinary,
      ...command,
    ],
    {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: Bun.file(join(directory, 'log')),
      env: { ...process.env, ...env },
    },
  );
  started.push(child);
  return child;
}

test('the hub serves on a socket that was opened before it began; who came first has only waited', async () => {
  const port = await freePort();
  const child = activate(['hub', 'serve'], { sockets: { hub: `127.0.0.1:${port}` } });
  // The first connection starts it, and is answered by it.
  const ready = await eventually(() => fetch(`http://127.0.0.1:${port}/readyz`));
  expect(await ready.text()).toBe('ready\n');
  const challenge = await fetch(`http://127.0.0.1:${port}/v2/`);
  expect(challenge.headers.get('WWW-Authenticate')).toContain(`realm="http://127.0.0.1:${port}/token"`);
  await eventually(() => expect(notices.said).toContain(`READY=1\nSTATUS=serving http://127.0.0.1:${port}`));
  await eventually(() =>
    expect(notices.said.filter((each) => each === 'WATCHDOG=1').length).toBeGreaterThan(2),
  );
  child.kill();
  expect(await child.exited).toBe(0);
  expect(notices.said).toContain('STOPPING=1');
});

test('with TLS, and plain HTTP beside it, both are sockets of the manager; another certificate goes on with them', async () => {
  using first = makeCertificates();
  using second = makeCertificates();
  const paths = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  const put = async ({ server }: { readonly server: string }): Promise<void> => {
    await Bun.write(paths.cert, Bun.file(join(server, 'cert.pem')));
    await Bun.write(paths.key, Bun.file(join(server, 'key.pem')));
  };
  await put(first);
  const [port, http] = [await freePort(), await freePort()];
  const flags = ['--tls-cert', paths.cert, '--tls-key', paths.key, '--http-listen', '127.0.0.1:1'];
  const child = activate(['hub', 'serve', ...flags], {
    sockets: { http: `127.0.0.1:${http}`, hub: `127.0.0.1:${port}` },
  });
  const get = ({ server }: { readonly server: string }): Promise<Response> =>
    fetch(`https://127.0.0.1:${port}/readyz`, {
      tls: { ca: Bun.file(join(server, 'ca.pem')) },
      keepalive: false,
    });
  expect((await eventually(() => get(first))).ok).toBe(true);
  const led = await fetch(`http://127.0.0.1:${http}/x`, { redirect: 'manual' });
  expect(led.headers.get('Location')).toBe(`https://127.0.0.1:${port}/x`);
  await put(second);
  child.kill('SIGHUP');
  expect((await eventually(() => get(second))).ok).toBe(true);
});

test('the engine serves on a unix socket of the manager, which stays when it ends', async () => {
  const path = join(directory, 'engine.sock');
  const child = activate(['engine', 'serve', '--hub', 'http://127.0.0.1:1'], {
    sockets: { engine: path },
    env: { CAIS_HOST: `unix://${path}`, CAIS_BRIDGE: `ca${(process.pid % 100_000).toString(36)}` },
  });
  const answer = await eventually(() => fetch('http://engine/version', { unix: path }));
  expect(await answer.json()).toMatchObject({ ApiVersion: '1.50' });
  await eventually(() => expect(notices.said.join('\n')).toContain('READY=1'));
  child.kill();
  expect(await child.exited).toBe(0);
  expect(existsSync(path)).toBe(true);
});
