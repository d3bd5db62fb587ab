/** nginx and Caddy in front of a hub, with the settings that packaging/proxy has for them. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/lib/subprocess.ts';
import { makeCertificates } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { sessionOf, signUp, tokenFor } from '../support/hub-account.ts';
import { caisBinary, freePort } from '../support/running-cais.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const settings = (name: string): string =>
  readFileSync(join(import.meta.dir, '../../packaging/proxy', name), 'utf8');
const megabyte = 2 ** 20;

interface Proxied extends AsyncDisposable {
  /** `localhost:PORT` of the proxy, with TLS. */
  readonly host: string;
  readonly hubUrl: string;
  /** Runs curl against the proxy. */
  curl(...args: readonly string[]): Promise<string>;
  /** Files that the proxy has put bodies into. */
  kept(): readonly string[];
}

interface Place {
  readonly directory: string;
  readonly port: number;
  readonly hubPort: number;
  /** Of the directory with cert.pem and key.pem. */
  readonly certificates: string;
}

function nginx({ directory, port, hubPort, certificates }: Place): string[] {
  const site = settings('nginx.conf')
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('127.0.0.1:5000', `127.0.0.1:${hubPort}`)
    .replace('/etc/ssl/hub.example/fullchain.pem', join(certificates, 'cert.pem'))
    .replace('/etc/ssl/hub.example/key.pem', join(certificates, 'key.pem'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/kept/${name};`,
  );
  const config = `daemon off; user root; pid ${directory}/pid; error_log ${directory}/error.log;
events {}
http { access_log off; ${temporary.join(' ')}
${site} }`;
  const path = join(directory, 'nginx.conf');
  void Bun.write(path, config);
  return ['nginx', '-e', `${directory}/error.log`, '-c', path];
}

function caddy({ directory, port, hubPort, certificates }: Place): string[] {
  const site = settings('Caddyfile')
    .replace(
      'hub.example {',
      `https://localhost:${port} {\n\ttls ${certificates}/cert.pem ${certificates}/key.pem`,
    )
    .replace('127.0.0.1:5000', `127.0.0.1:${hubPort}`);
  const path = join(directory, 'Caddyfile');
  const config = `{\n\tadmin off\n\tauto_https off\n\tstorage file_system ${directory}/storage\n}\n${site}`;
  void Bun.write(path, config);
  return ['caddy', 'run', '--config', path, '--adapter', 'caddyfile'];
}

async function behind(proxy: (place: Place) => string[]): Promise<Proxied> {
  const stack = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'cais-proxy-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'kept'));
  const certificates = stack.use(makeCertificates());
  const [port, hubPort] = [await freePort(), await freePort()];
  const start = (argv: readonly string[], env: Record<string, string> = {}): void => {
    const child = Bun.spawn([...argv], {
      env: { ...process.env, HOME: directory, ...env },
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: Bun.file(join(directory, `${argv[0]?.split('/').at(-1)}.log`)),
    });
    stack.defer(async () => {
      child.kill();
      await child.exited;
    });
  };
  const data = join(directory, 'data');
  const listen = `127.0.0.1:${hubPort}`;
  start([caisBinary, 'hub', 'serve', '--data', data, '--listen', listen, '--trusted-proxy', '127.0.0.1']);
  start(proxy({ directory, port, hubPort, certificates: certificates.server }));
  const curl = async (...args: readonly string[]): Promise<string> => {
    const trust = ['--cacert', join(certificates.server, 'ca.pem'), '--silent', '--show-error'];
    const { exitCode, stdout, stderr } = await run(['curl', ...trust, ...args]);
    if (exitCode !== 0) expect.unreachable(`curl: ${stderr}`);
    return stdout;
  };
  const host = `localhost:${port}`;
  await eventually(async () => expect(await curl(`https://${host}/readyz`)).toBe('ready\n'));
  return {
    host,
    hubUrl: `http://${listen}`,
    curl,
    kept: () =>
      readdirSync(join(directory, 'kept'), { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [entry.name] : [],
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe.each<[string, (place: Place) => string[]]>([
  ['nginx', nginx],
  ['Caddy', caddy],
])('behind %s', (_name, proxy) => {
  test('clients see its address, the hub sees theirs, and a large layer goes through as it comes', async () => {
    await using hub = await behind(proxy);
    const { host } = hub;
    // What a client writes itself is not believed.
    const lies = [
      'X-Forwarded-For: 192.0.2.1',
      'Forwarded: for=192.0.2.1;host=evil.test',
      'X-Forwarded-Host: evil.test',
    ];
    const lying = lies.flatMap((line) => ['--header', line]);
    const head = await hub.curl('--include', ...lying, `https://${host}/v2/`);
    expect(head).toContain(`realm="https://${host}/token"`);

    await signUp(hub.hubUrl, 'alice', 'secret-password-1');
    const body = JSON.stringify({ username: 'alice', password: 'secret-password-1' });
    const json = ['--header', 'Content-Type: application/json', '--data', body];
    const from = ['--interface', '127.0.0.2', ...lying];
    const { token: session } = JSON.parse(
      await hub.curl(...from, ...json, `https://${host}/v2/users/login`),
    ) as { token: string };
    expect(session).not.toBe(await sessionOf(hub.hubUrl, 'alice', 'secret-password-1'));
    const sessions = await hub.curl(
      '--header',
      `Authorization: Bearer ${session}`,
      `https://${host}/v2/user/sessions`,
    );
    expect(sessions).toContain('"address":"127.0.0.2"');

    const token = await tokenFor(hub.hubUrl, 'alice', 'secret-password-1', 'repository:alice/app:pull,push');
    const bearer = ['--header', `Authorization: Bearer ${token}`];
    const uploads = `https://${host}/v2/alice/app/blobs/uploads/`;
    const started = await hub.curl('--include', '--request', 'POST', ...bearer, uploads);
    const location = /^location: (\S+)/im.exec(started)?.[1] ?? '';
    const { status, headers } = await send(hub, new URL(location, `https://${host}`), token);
    expect([status, headers.get('Range')]).toEqual([202, `0-${64 * megabyte - 1}`]);
    expect(hub.kept()).toEqual([]);
  });
});

/** 64 MiB without a length, and in the middle what the proxy has kept is looked at. */
async function send(hub: Proxied, url: URL, token: string): Promise<Response> {
  const chunk = new Uint8Array(megabyte);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent === 32) expect(hub.kept()).toEqual([]);
      if (sent === 64) controller.close();
      else controller.enqueue(chunk);
      sent += 1;
    },
  });
  return await fetch(url, {
    method: 'PATCH',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/octet-stream' },
    body,
    tls: { rejectUnauthorized: false },
  });
}
