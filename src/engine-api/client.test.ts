import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError, InvalidError, NotFoundError, UnavailableError } from '../lib/errors.ts';
import { EngineClient, pathOf } from './client.ts';

let directory: string;
let server: Server | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cli-client-'));
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(directory, { recursive: true });
});

/** A server that answers each connection by hand. */
async function serve(answer: (socket: Socket, request: string) => void): Promise<EngineClient> {
  const path = join(directory, 'engine.sock');
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    let request = '';
    const collect = (chunk: Buffer) => {
      request += chunk.toString('latin1');
      if (!request.includes('\r\n\r\n')) return;
      socket.off('data', collect);
      answer(socket, request);
    };
    socket.on('data', collect);
  });
  server = listener;
  await new Promise<void>((resolve) => {
    listener.listen(path, resolve);
  });
  return new EngineClient({ address: () => ({ unix: path }), userAgent: 'test' });
}

function respond(status: string, body: string): (socket: Socket) => void {
  return (socket) =>
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
}

describe('a plain call', () => {
  test('an error carries the class of its status and the message of the engine', async () => {
    const classes = [
      ['400 Bad Request', InvalidError],
      ['404 Not Found', NotFoundError],
      ['409 Conflict', ConflictError],
      ['500 Internal Server Error', UnavailableError],
    ] as const;
    for (const [status, type] of classes) {
      const client = await serve(respond(status, '{"message":"No such container: x"}\n'));
      const error: unknown = await client.get('/x').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(type);
      expect(String(error)).toContain('Error response from daemon: No such container: x');
      server?.close();
      rmSync(join(directory, 'engine.sock'), { force: true });
    }
  });

  test('304 is no error: it is so already', async () => {
    const client = await serve((socket) => socket.end('HTTP/1.1 304 Not Modified\r\n\r\n'));
    expect((await client.call('POST', '/containers/x/start')).status).toBe(304);
  });

  test('an absent engine is told by the caller’s own error', async () => {
    const client = new EngineClient({
      address: () => ({ unix: `${directory}/none.sock` }),
      userAgent: 'test',
      unreachable: () => Promise.resolve(new UnavailableError('start it')),
    });
    await expect(client.get('/x')).rejects.toThrow('start it');
    await expect(client.hijack('/x', {})).rejects.toThrow('start it');
  });

  test('an engine that goes away in the middle of its answer is an unexpected EOF', async () => {
    const client = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n', () => {
        setTimeout(() => socket.destroy(), 5);
      });
    });
    const { body } = await client.call('GET', '/events');
    const chunks: string[] = [];
    const reading = (async () => {
      for await (const chunk of body ?? []) chunks.push(Buffer.from(chunk).toString());
    })();
    await expect(reading).rejects.toThrow(new UnavailableError('unexpected EOF'));
    expect(chunks).toEqual(['first']);
  });

  test('names in paths keep slashes and colons, and nothing else that means something', () => {
    expect(pathOf('docker.io/library/x:1@sha256:a')).toBe('docker.io/library/x:1@sha256:a');
    expect(pathOf('a?b#c d')).toBe('a%3Fb%23c%20d');
  });
});

describe('a short exchange', () => {
  test('JSON goes and comes, and the answer ends by its length or with the connection', async () => {
    let sent = '';
    const client = await serve((socket, request) => {
      sent = request;
      socket.end('HTTP/1.0 201 Created\r\n\r\n{"Id":"ä"}');
    });
    expect(await client.exchange<unknown>('POST', '/x', { a: 'ö' })).toEqual({ Id: 'ä' });
    expect(sent).toMatch(/^POST \/x HTTP\/1\.0\r\n[^]*Content-Length: 10\r\n/);
    server?.close();
    // One that stays open.
    const other = await serve((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue'));
    expect(await other.exchange<unknown>('GET', '/x')).toBe(true);
  });

  test('its errors are those of a plain call', async () => {
    const client = await serve(respond('404 Not Found', '{"message":"No such container: x"}\n'));
    const error: unknown = await client.exchange('GET', '/x').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(String(error)).toContain('Error response from daemon: No such container: x');
  });

  test('an answer that is cut off is an unexpected EOF', async () => {
    const client = await serve((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"a":'));
    await expect(client.exchange('GET', '/x')).rejects.toThrow('unexpected EOF');
  });

  test('an absent engine is told by the caller’s own error', async () => {
    const client = new EngineClient({
      address: () => ({ unix: join(directory, 'none.sock') }),
      userAgent: 'test',
      unreachable: async (cause) => new UnavailableError('start it', { cause }),
    });
    await expect(client.exchange('GET', '/x')).rejects.toThrow('start it');
  });
});

describe('a body that is whole, with an answer that is read as it comes', () => {
  test('comes to its end with the connection', async () => {
    let sent = '';
    const client = await serve((socket, request) => {
      sent = request;
      socket.write('HTTP/1.0 200 OK\r\n\r\none,');
      setTimeout(() => socket.end('two'), 5);
    });
    const headers = { 'Content-Type': 'application/x-tar' };
    const { body } = await client.converse('POST', '/x', {
      query: { a: 1 },
      headers,
      body: Buffer.from('tar'),
    });
    expect(await new Response(body).text()).toBe('one,two');
    expect(sent).toMatch(
      /^POST \/x\?a=1 HTTP\/1\.0\r\n[^]*application\/x-tar\r\n[^]*Content-Length: 3\r\n\r\ntar$/,
    );
  });

  test('fails as a plain call does', async () => {
    const client = await serve(respond('404 Not Found', '{"message":"No such session"}\n'));
    const asking = client.converse('POST', '/x', { body: new Uint8Array() });
    await expect(asking).rejects.toThrow('Error response from daemon: No such session');
  });

  test('ends when who asks has enough', async () => {
    const closed = Promise.withResolvers<void>();
    const client = await serve((socket) => {
      socket.on('end', () => closed.resolve()).resume();
      socket.write('HTTP/1.0 200 OK\r\n\r\none');
    });
    const stop = new AbortController();
    const { body } = await client.converse('POST', '/x', { body: new Uint8Array(), signal: stop.signal });
    stop.abort();
    expect(await new Response(body).text()).toBe('one');
    await closed.promise;
  });
});

const upgraded =
  'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';

async function read(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}

describe('an upgraded connection', () => {
  test('bytes behind the head are not lost, even when the connection ends with them', async () => {
    const client = await serve((socket) => socket.end(`${upgraded}all there is`));
    expect(await read((await client.hijack('/attach', {})).readable)).toBe('all there is');
  });

  test('input may end while output goes on', async () => {
    const client = await serve((socket) => {
      socket.write(upgraded);
      let input = '';
      socket.on('data', (chunk: Buffer) => (input += chunk.toString()));
      socket.on('end', () => setTimeout(() => socket.end(`got ${input}`), 20));
    });
    const stream = await client.hijack('/attach', {});
    await stream.write(new TextEncoder().encode('hello'));
    stream.closeWrite();
    expect(await read(stream.readable)).toBe('got hello');
  });

  test('large input arrives whole', async () => {
    const size = 5_000_000;
    const client = await serve((socket) => {
      socket.write(upgraded);
      let count = 0;
      socket.on('data', (chunk: Buffer) => (count += chunk.length));
      socket.on('end', () => socket.end(String(count)));
    });
    const stream = await client.hijack('/attach', {});
    await stream.write(new Uint8Array(size));
    stream.closeWrite();
    expect(await read(stream.readable)).toBe(String(size));
  });

  test('a reader that has seen enough may leave', async () => {
    const client = await serve((socket) => socket.write(`${upgraded}first`));
    for await (const chunk of (await client.hijack('/attach', {})).readable) {
      expect(Buffer.from(chunk).toString()).toBe('first');
      break;
    }
  });

  test('a refusal is the error of a plain call', async () => {
    const client = await serve(respond('409 Conflict', '{"message":"Container x is not running"}\n'));
    await expect(client.hijack('/exec', {}, {})).rejects.toThrow(
      'Error response from daemon: Container x is not running',
    );
  });

  test('a refusal in chunks too', async () => {
    const body = '{"message":"in chunks"}';
    const client = await serve((socket) =>
      socket.write(
        `HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      ),
    );
    const error: unknown = await client.hijack('/attach', {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(String(error)).toContain('in chunks');
  });
});
