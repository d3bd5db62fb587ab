import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeTerminalEngine, serveFakeTerminal } from '../../testing/fake-terminal-engine.ts';

const program = join(import.meta.dir, '../../../bin/cais.ts');
/** c_lflag's bits for lines and echo; c_oflag's for translating line ends. */
const canonical = 0o2;
const echo = 0o10;
const translated = 0o1;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cli-terminal-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

interface Session extends AsyncDisposable {
  readonly engine: FakeTerminalEngine;
  readonly terminal: Bun.Terminal;
  readonly child: Bun.Subprocess;
  readonly shown: () => string;
}

/** `cais run -it busybox` under a real pty of 24 by 80. */
async function start(...words: readonly string[]): Promise<Session> {
  const engine = await serveFakeTerminal(join(directory, 'engine.sock'));
  let shown = '';
  const terminal = new Bun.Terminal({
    cols: 80,
    rows: 24,
    data: (_terminal, data) => {
      shown += Buffer.from(data).toString('latin1');
    },
  });
  const child = Bun.spawn([process.execPath, program, 'run', ...words], {
    terminal,
    env: { ...process.env, CAIS_HOST: `unix://${directory}/engine.sock`, DOCKER_CONFIG: directory },
  });
  return {
    engine,
    terminal,
    child,
    shown: () => shown,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await child.exited;
      terminal.close();
      await engine[Symbol.asyncDispose]();
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!holds()) {
    if (Date.now() > end) throw new TypeError('waited in vain');
    await Bun.sleep(10);
  }
}

const isRaw = ({ localFlags }: Bun.Terminal) => (localFlags & (canonical | echo)) === 0;

describe('run -it under a pty', () => {
  test('attach and wait come before start; the size is told, and told again when it changes', async () => {
    await using session = await start('-it', 'busybox');
    const { engine, terminal } = session;
    await until(() => engine.asked.some((path) => path.includes('resize')));
    terminal.resize(100, 30);
    // The child has this terminal, but not as its controlling one: the kernel's signal comes from us.
    session.child.kill('SIGWINCH');
    await until(() => engine.asked.some((path) => path.endsWith('resize?h=30&w=100')));
    const [create, attach, wait, started, resized] = engine.asked.map((path) =>
      path.replace(/&detachKeys=.*/, ''),
    );
    expect([create, attach, wait, started, resized]).toEqual([
      '/containers/create',
      '/containers/abc/attach?stream=1&stdin=1&stdout=1&stderr=1',
      '/containers/abc/wait?condition=next-exit',
      '/containers/abc/start',
      '/containers/abc/resize?h=24&w=80',
    ]);
    engine.exit(0);
    expect(await session.child.exited).toBe(0);
  });

  test('keys go to the container one by one, bytes come out as they are, the exit code is its own', async () => {
    await using session = await start('-it', 'busybox');
    const { engine, terminal } = session;
    await until(() => isRaw(terminal) && engine.asked.length >= 5);
    expect(terminal.outputFlags & translated).toBe(0);
    terminal.write('ls\x03');
    await until(() => engine.typed() === 'ls\x03');
    engine.print('one\r\ntwo\n');
    await until(() => session.shown().includes('one\r\ntwo\n'));
    engine.exit(7);
    expect(await session.child.exited).toBe(7);
    expect(isRaw(terminal)).toBe(false);
  });

  test('the detach keys end the session and not the container; they are not sent', async () => {
    await using session = await start('-it', 'busybox');
    const { engine, terminal } = session;
    await until(() => isRaw(terminal) && engine.asked.length >= 5);
    terminal.write('x\x10y\x10');
    await until(() => engine.typed() === 'x\x10y');
    terminal.write('\x11');
    expect(await session.child.exited).toBe(0);
    expect(engine.typed()).toBe('x\x10y');
    expect(isRaw(terminal)).toBe(false);
  });

  test('other keys by --detach-keys, and by detachKeys in config.json', async () => {
    await Bun.write(join(directory, 'config.json'), '{"detachKeys":"ctrl-a,d"}');
    await using session = await start('-it', 'busybox');
    await until(() => isRaw(session.terminal) && session.engine.asked.length >= 5);
    expect(session.engine.asked[1]).toEndWith('detachKeys=ctrl-a%2Cd');
    session.terminal.write('\x10\x11\x01d');
    expect(await session.child.exited).toBe(0);
    expect(session.engine.typed()).toBe('\x10\x11');
  });

  test('a signal that ends the program gives the terminal back first', async () => {
    await using session = await start('-it', 'busybox');
    await until(() => isRaw(session.terminal) && session.engine.asked.length >= 5);
    session.child.kill('SIGTERM');
    await session.child.exited;
    expect(session.child.signalCode).toBe('SIGTERM');
    expect(isRaw(session.terminal)).toBe(false);
  });

  test('without -t signals go to the container', async () => {
    await using session = await start('busybox');
    await until(() => session.engine.asked.some((path) => path.endsWith('/start')));
    session.child.kill('SIGINT');
    await until(() => session.engine.asked.some((path) => path.endsWith('/kill?signal=SIGINT')));
    session.engine.exit(130);
    expect(await session.child.exited).toBe(130);
  });
});
