/** An engine of a test's own, in this process: on directories, a socket and a bridge that nobody else has, with busybox. */
import { expect } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineConfig, type EngineFlags, readEngineConfig } from '../../src/engine/config.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { createLog } from '../../src/lib/log.ts';
import { addBusyboxImage } from './busybox-image.ts';
import { testSelf } from '../../src/hub/testing/test-self.ts';

/** The fields of answers that tests look at; each answer has some of them. */
export interface AnswerBody {
  readonly Id: string;
  readonly message: string;
  readonly StatusCode: number;
  readonly ExitCode: number | null;
  readonly RestartCount: number;
  readonly State: { readonly Status: string };
  readonly Mounts: readonly { readonly Type: string }[];
  readonly Volumes: readonly { readonly Name: string }[];
}

export interface Answer {
  readonly status: number;
  readonly body: AnswerBody;
}

export class RunningEngine implements AsyncDisposable {
  readonly config: EngineConfig;
  readonly #directory: string;
  #engine: Engine | undefined;

  private constructor(directory: string, config: EngineConfig) {
    this.#directory = directory;
    this.config = config;
  }

  /** @param more flags of `cais engine serve`, beside the directories of its own. */
  static async start(more: Partial<EngineFlags> = {}): Promise<RunningEngine> {
    const directory = await mkdtemp(join(tmpdir(), 'cais-engine-'));
    // Not the machine's own settings.
    const run = join(directory, 'run');
    const hosts = [`unix://${run}/engine.sock`, ...(more.hosts ?? [])];
    const flags = { data: join(directory, 'data'), run, configFile: '/dev/null' };
    const config = readEngineConfig(
      { ...flags, ...more, hosts, hub: 'http://127.0.0.1:9', self: testSelf, version: 'test' },
      {},
    );
    const running = new RunningEngine(directory, config);
    try {
      mkdirSync(config.dataDirectory, { recursive: true });
      await addBusyboxImage(config.dataDirectory);
      await running.open();
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
    return running;
  }

  async open(): Promise<void> {
    this.#engine = await createEngine(this.config, createLog('test', 'error'));
  }

  /** Stops the engine; containers run on. */
  async close(): Promise<void> {
    await this.#engine?.[Symbol.asyncDispose]();
    this.#engine = undefined;
  }

  get socketPath(): string {
    return (this.config.hosts[0] ?? '').slice('unix://'.length);
  }

  /** A raw answer of the API. */
  fetch(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`http://engine${path}`, {
      unix: this.socketPath,
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
  }

  /** Status and JSON of an answer; undefined for none. */
  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.fetch(method, path, body);
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as AnswerBody };
  }

  /** Creates a container of busybox; with a name given as `name`. @returns its id. */
  async create(cmd: readonly string[], more: Record<string, unknown> = {}, name = ''): Promise<string> {
    const query = name === '' ? '' : `?name=${name}`;
    const { HostConfig, ...config } = more;
    const answer = await this.call('POST', `/containers/create${query}`, {
      Image: 'busybox',
      Cmd: cmd,
      ...config,
      HostConfig: { NetworkMode: 'none', ...(HostConfig as object | undefined) },
    });
    expect(answer.status).toBe(201);
    return answer.body.Id;
  }

  /** Creates and starts. @returns its id. */
  async run(cmd: readonly string[], more: Record<string, unknown> = {}, name = ''): Promise<string> {
    const id = await this.create(cmd, more, name);
    expect((await this.call('POST', `/containers/${id}/start`)).status).toBe(204);
    return id;
  }

  async wait(id: string, condition = 'not-running'): Promise<number> {
    const { body } = await this.call('POST', `/containers/${id}/wait?condition=${condition}`);
    return body.StatusCode;
  }

  async state(id: string): Promise<AnswerBody['State']> {
    return (await this.call('GET', `/containers/${id}/json`)).body.State;
  }

  /** A connection after a request with an upgrade, its head read. */
  async hijack(
    path: string,
    body = '',
    headers = 'Connection: Upgrade\r\nUpgrade: tcp\r\n',
    method = 'POST',
  ): Promise<RawStream> {
    const socket = connect({ path: this.socketPath, allowHalfOpen: true });
    const stream = new RawStream(socket);
    const type = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: engine\r\n${headers}${type}\r\n${body}`);
    await stream.head();
    return stream;
  }

  /** Removes every container, stops the engine, and checks that nothing is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#engine) await this.open();
    const { body } = await this.call('GET', '/containers/json?all=1');
    for (const { Id } of body as unknown as AnswerBody[])
      await this.call('DELETE', `/containers/${Id}?force=1&v=1`);
    await this.close();
    const left = leftovers(this.#directory, this.config.networkName);
    await rm(this.#directory, { recursive: true, force: true });
    expect(left).toEqual([]);
  }
}

/** Mounts, processes and interfaces that name this engine. */
function leftovers(directory: string, networkName: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(directory));
  const links = readdirSync('/sys/class/net').filter((name) => name === networkName);
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => commandLine(pid).includes(directory));
  return [...mounts, ...links, ...processes.map((pid) => `process ${pid}: ${commandLine(pid)}`)];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** In milliseconds; on a machine that does much else. */
const longestWait = 60_000;

/** A hijacked connection from the client's side. */
export class RawStream {
  readonly socket: Socket;
  /** What has come and nobody has taken, in pieces: megabytes are put together once. */
  #pieces: Buffer[] = [];
  #isEnded = false;
  #wake: () => void = () => undefined;
  /** Status line and headers. */
  answer = '';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#pieces.push(Buffer.from(chunk));
      this.#wake();
    });
    const end = (): void => {
      this.#isEnded = true;
      this.#wake();
    };
    socket.on('end', end).on('close', end).on('error', end);
  }

  async head(): Promise<void> {
    await this.#until(() => this.#received().includes('\r\n\r\n'));
    const received = this.#received();
    const end = received.indexOf('\r\n\r\n');
    this.answer = received.toString('utf8', 0, end);
    this.#pieces = [received.subarray(end + 4)];
  }

  write(text: string): void {
    this.socket.write(text);
  }

  /** Ends the input; output goes on. */
  closeWrite(): void {
    this.socket.end();
  }

  /** What has come, once it holds `text`; taken. */
  async expect(text: string): Promise<string> {
    await this.#until(() => this.#received().includes(text));
    const got = this.#received().toString();
    expect(got).toContain(text);
    this.#pieces = [];
    return got;
  }

  /** Everything until the engine ends the connection. */
  async rest(): Promise<Buffer> {
    await this.#until(() => this.#isEnded);
    if (!this.#isEnded) throw new Error(`the engine has not ended the connection within ${longestWait} ms`);
    return this.#received();
  }

  #received(): Buffer {
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [whole];
    return whole;
  }

  async #until(isDone: () => boolean): Promise<void> {
    const deadline = Date.now() + longestWait;
    while (!isDone() && !this.#isEnded && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 200);
      });
    }
  }
}

/** The payloads of framed output, by stream. */
export function unframe(bytes: Buffer): { stdout: string; stderr: string } {
  const parts = { stdout: '', stderr: '' };
  for (let offset = 0; offset + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(offset + 4);
    const payload = bytes.toString('utf8', offset + 8, offset + 8 + length);
    if (bytes[offset] === 2) parts.stderr += payload;
    else parts.stdout += payload;
    offset += 8 + length;
  }
  return parts;
}
