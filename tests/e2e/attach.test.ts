/** Attach beyond the usual: by WebSocket, with the log, without the stream, and beside clients that do not read. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { RunningEngine, unframe } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

/** What a WebSocket's messages hold; written by the standard's rules, with a mask. */
async function webSocket(path: string) {
  const stream = await engine.hijack(
    path,
    '',
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
    'GET',
  );
  const send = (opcode: number, payload: Buffer): void => {
    const mask = Buffer.from([1, 2, 3, 4]);
    const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    const size =
      payload.length < 126
        ? Buffer.from([0x80 | payload.length])
        : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 0xff]);
    stream.socket.write(Buffer.concat([Buffer.from([0x80 | opcode]), size, mask, masked]));
  };
  return { stream, text: (words: string) => send(1, Buffer.from(words)), send };
}

/** The frames of a server: opcode and payload. */
function frames(bytes: Buffer): [number, string][] {
  const found: [number, string][] = [];
  for (let at = 0; at < bytes.length;) {
    const size = (bytes[at + 1] ?? 0) & 0x7f;
    const [start, length] = size === 126 ? [at + 4, bytes.readUInt16BE(at + 2)] : [at + 2, size];
    found.push([(bytes[at] ?? 0) & 0x0f, bytes.toString('latin1', start, start + length)]);
    at = start + length;
  }
  return found;
}

describe('by WebSocket', () => {
  test('input goes in, both streams come out, a ping is answered, the end is said', async () => {
    const id = await engine.run(['sh', '-c', 'read a; echo out-$a; echo err-$a >&2; read b; echo ${#b}'], {
      OpenStdin: true,
    });
    const path = `/containers/${id}/attach/ws?stream=1&stdin=1&stdout=1&stderr=1`;
    const { stream, text, send } = await webSocket(path);
    expect(stream.answer).toContain('101 Switching Protocols');
    expect(stream.answer).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    text('x\n');
    send(9, Buffer.from('still there?'));
    text(`${'y'.repeat(5000)}\n`);
    const got = frames(await stream.rest());
    const data = got.filter(([opcode]) => opcode === 2).map(([, payload]) => payload);
    expect(data.join('')).toContain('out-x\n');
    expect(data.join('')).toContain('err-x\n');
    // Two pipes: what order their bytes come in is nobody's promise.
    expect(data.join('')).toContain('5000\n');
    expect(got).toContainEqual([10, 'still there?']);
    expect(got.at(-1)?.[0]).toBe(8);
  });

  test('what is no handshake is refused', async () => {
    const id = await engine.run(['sleep', '60']);
    const answer = await engine.call('GET', `/containers/${id}/attach/ws?stream=1`);
    expect(answer).toMatchObject({ status: 400 });
  });
});

test('logs=1 sends what was written before, stream=0 only that', async () => {
  const id = await engine.run(['sh', '-c', 'echo before; read x; echo after'], { OpenStdin: true });
  await Bun.sleep(150);
  const path = `/containers/${id}/attach?stdout=1&stdin=1&logs=1`;
  const old = await engine.hijack(`${path}&stream=0`);
  expect(unframe(await old.rest()).stdout).toBe('before\n');
  const stream = await engine.hijack(`${path}&stream=1`);
  stream.write('\n');
  expect(unframe(await stream.rest()).stdout).toBe('before\nafter\n');
});

describe('clients that do not read', () => {
  const chatter = ['sh', '-c', 'read x; seq 1 600000; echo done'];

  test('do not hold up the others', async () => {
    const id = await engine.run(chatter, { OpenStdin: true });
    const path = `/containers/${id}/attach?stream=1&stdout=1`;
    const stalled = await Promise.all([engine.hijack(path), engine.hijack(path)]);
    for (const { socket } of stalled) socket.pause();
    const reader = await engine.hijack(`${path}&stdin=1`);
    reader.write('\n');
    expect(unframe(await reader.rest()).stdout).toEndWith('600000\ndone\n');
    for (const { socket } of stalled) socket.destroy();
  });

  test('alone hold the container back, and miss nothing', async () => {
    const id = await engine.run(chatter, { OpenStdin: true });
    const only = await engine.hijack(`/containers/${id}/attach?stream=1&stdout=1&stdin=1`);
    only.socket.pause();
    only.write('\n');
    await Bun.sleep(1500);
    expect(await engine.state(id)).toMatchObject({ Running: true });
    only.socket.resume();
    const { stdout } = unframe(await only.rest());
    expect(stdout.length).toBe(
      Array.from({ length: 600_000 }, (_each, index) => String(index + 1).length + 1).reduce(
        (a, b) => a + b,
      ) + 5,
    );
  });
});

describe('an exec', () => {
  test('is framed unless its start asks for a terminal, whatever it has', async () => {
    const id = await engine.run(['sleep', '60']);
    const started = async (created: boolean, start: boolean): Promise<string> => {
      const config = { Cmd: ['echo', 'x'], AttachStdout: true, Tty: created };
      const { body } = await engine.call('POST', `/containers/${id}/exec`, config);
      const stream = await engine.hijack(`/exec/${body.Id}/start`, JSON.stringify({ Tty: start }));
      return (await stream.rest()).toString('latin1');
    };
    expect(await started(true, true)).toBe('x\r\n');
    expect(await started(false, false)).toBe('\x01\0\0\0\0\0\0\x02x\n');
    expect(await started(true, false)).toBe('\x01\0\0\0\0\0\0\x03x\r\n');
    expect(await started(false, true)).toBe('x\n');
  });
});

test('input reaches an exec whose request came in two pieces', async () => {
  const id = await engine.run(['sleep', '60']);
  const config = { Cmd: ['cat'], AttachStdin: true, AttachStdout: true };
  const { body } = await engine.call('POST', `/containers/${id}/exec`, config);
  const socket = connect({ path: engine.socketPath, allowHalfOpen: true });
  const ended = buffer(socket);
  const head = 'Host: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json';
  socket.write(`POST /v1.41/exec/${body.Id}/start HTTP/1.1\r\n${head}\r\nContent-Length: 2\r\n\r\n`);
  await Bun.sleep(50);
  socket.write('{}');
  await Bun.sleep(50);
  socket.end('through\n');
  expect((await ended).toString('latin1')).toEndWith('\x01\0\0\0\0\0\0\x08through\n');
});
