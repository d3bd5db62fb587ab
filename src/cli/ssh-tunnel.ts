/**
 * `ssh://[user@]host[:port][/socket]`: a socket in a directory of our own, each connection of which is an ssh that runs
 * `system dial-stdio` over there. Docker's CLI does the same, so either program may be the one that answers.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidError } from '../lib/errors.ts';

export interface SshTarget {
  /** For ssh: flags and the host. */
  readonly args: readonly string[];
  /** What runs over there. */
  readonly command: string;
}

/** @throws InvalidError in docker's words. */
function parseSshHost(host: string): SshTarget {
  const url = URL.canParse(host) ? new URL(host) : undefined;
  const refuse = (reason: string): never => {
    throw new InvalidError(`invalid SSH URL: ${reason}`);
  };
  if (url?.protocol !== 'ssh:') return refuse(`expected scheme ssh, got ${JSON.stringify(host)}`);
  if (url.password !== '') return refuse('plain-text password is not supported');
  if (url.hostname === '') return refuse('no host specified');
  if (url.search !== '' || url.hash !== '') return refuse('query and fragment are not allowed');
  // It would be an option to ssh.
  if (url.hostname.startsWith('-') || url.username.startsWith('-'))
    return refuse('a name must not start with -');
  const socket = url.pathname === '/' || url.pathname === '' ? '' : decodeURIComponent(url.pathname);
  const options = socket === '' ? '' : ` --host ${quoted(`unix://${socket}`)}`;
  return {
    args: [
      ...(url.username === '' ? [] : ['-l', decodeURIComponent(url.username)]),
      ...(url.port === '' ? [] : ['-p', url.port]),
      '-o',
      'ConnectTimeout=30',
      '-T',
      '--',
      url.hostname,
    ],
    command: `if command -v cais >/dev/null 2>&1; then exec cais${options} system dial-stdio; else exec docker${options} system dial-stdio; fi`,
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** Listens until disposed of; what runs then is ended. */
export class SshTunnel implements AsyncDisposable {
  /** The socket. */
  readonly path: string;
  readonly #directory: string;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  private constructor(directory: string, target: SshTarget) {
    this.#directory = directory;
    this.path = join(directory, 'engine.sock');
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#connect(socket, target));
  }

  /** @throws InvalidError */
  static async open(host: string): Promise<SshTunnel> {
    const target = parseSshHost(host);
    const tunnel = new SshTunnel(mkdtempSync(join(tmpdir(), 'cais-ssh-')), target);
    await new Promise<void>((resolve, reject) => {
      tunnel.#server.once('error', reject);
      tunnel.#server.listen(tunnel.path, resolve);
    });
    return tunnel;
  }

  /** Questions and complaints of ssh's are for the user's terminal. */
  #connect(socket: Socket, { args, command }: SshTarget): void {
    const child = Bun.spawn(['ssh', ...args, command], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' });
    this.#connections.add(socket);
    sendInput(socket, child.stdin);
    void receiveOutput(child.stdout, socket);
    socket.on('error', () => child.kill());
    socket.on('close', () => {
      this.#connections.delete(socket);
      child.kill();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    rmSync(this.#directory, { recursive: true, force: true });
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** What the socket sends, with backpressure; its end is the end of ssh's input. */
function sendInput(socket: Socket, stdin: Bun.FileSink): void {
  socket.on('data', (chunk: Buffer) => {
    socket.pause();
    void stdin.write(chunk);
    Promise.resolve(stdin.flush())
      // ssh has gone: its output, which ends now, says why.
      .catch(() => undefined)
      .finally(() => socket.resume());
  });
  socket.on('end', () => void stdin.end());
}

async function receiveOutput(stdout: ReadableStream<Uint8Array>, socket: Socket): Promise<void> {
  for await (const chunk of stdout) {
    if (socket.write(chunk) || socket.destroyed) continue;
    await new Promise<void>((resolve) => {
      socket.once('drain', resolve);
      socket.once('close', resolve);
    });
  }
  socket.end();
}
