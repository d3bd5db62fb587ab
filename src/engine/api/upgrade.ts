/**
 * Connections that become raw streams: attach and exec start. node:http gives a connection away only on an `Upgrade`
 * header; clients that send none get it put in, on their way to the parser, and a 200 in place of the 101.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { Duplex } from 'node:stream';
import { InvalidError } from '../../lib/errors.ts';
import { sendResponse } from './outgoing.ts';
import type { Hijacked } from './route.ts';

/** What an exec start says, or any other request that came with an offer to upgrade. */
const maxBodySize = 4 * 1024 * 1024;

/** Tells the upgrade handler that the client did not ask. */
const rawHeader = 'x-cais-raw-stream';
const hijackPath =
  /^POST (?:\/v\d+\.\d+)?\/(?:containers\/[^/ ]+\/attach|exec\/[^/ ]+\/start)(?:\?\S*)? HTTP\/1\.[01]\r\n/;

/**
 * The first bytes of a connection, as the parser is to see them.
 * @returns undefined while the head of such a request is not whole yet.
 */
export function prepareHead(bytes: Buffer): Buffer | undefined {
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, 16 * 1024));
  if (!text.startsWith('POST ') || !hijackPath.test(text)) return bytes;
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return bytes.length < 16 * 1024 ? undefined : bytes;
  if (/\r\nupgrade:/i.test(text.slice(0, end + 2))) return bytes;
  const head = text.slice(0, end).replace(/\r\nconnection:[^\r]*/gi, '');
  const upgraded = `${head}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n${rawHeader}: 1\r\n\r\n`;
  return Buffer.concat([Buffer.from(upgraded, 'latin1'), bytes.subarray(end + 4)]);
}

/** Splits what followed the head: the body, by its length, and the stream's first bytes, which go back. */
export async function takeBody(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<Buffer> {
  const length = Number(message.headers['content-length'] ?? 0);
  if (length > maxBodySize) throw new InvalidError('request body too large');
  let bytes = head;
  while (bytes.length < length) {
    const chunk = await nextChunk(socket);
    if (!chunk) break;
    bytes = Buffer.concat([bytes, chunk]);
  }
  if (bytes.length > length) socket.unshift(bytes.subarray(length));
  return bytes.subarray(0, length);
}

function nextChunk(socket: Duplex): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const finish = (chunk?: Buffer): void => {
      socket.pause();
      socket.off('data', finish).off('end', finish).off('close', finish);
      resolve(chunk);
    };
    socket
      .on('data', finish)
      .on('end', () => finish())
      .on('close', () => finish());
    socket.resume();
  });
}

export interface Acceptable extends Hijacked {
  readonly isAccepted: () => boolean;
}

/** @param common the headers of every answer. */
export function hijacked(
  message: IncomingMessage,
  socket: Duplex,
  common: Readonly<Record<string, string>>,
): Acceptable {
  let isAccepted = false;
  const isRaw = message.headers[rawHeader] !== undefined;
  return {
    socket,
    isAccepted: () => isAccepted,
    accept(contentType) {
      isAccepted = true;
      const status = isRaw ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 101 UPGRADED';
      const upgrade = isRaw ? '' : 'Connection: Upgrade\r\nUpgrade: tcp\r\n';
      socket.write(`${status}\r\nContent-Type: ${contentType}\r\n${upgrade}${lines(common)}\r\n`);
      holdBack(socket);
    },
    switchTo(headers) {
      isAccepted = true;
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines({ ...common, ...headers })}\r\n`);
    },
    respond(response) {
      isAccepted = true;
      return respondRaw(socket, response, common);
    },
  };
}

/** Long enough for a client that waits for the head to have read it. */
const headStart = 3;

/**
 * Python's clients read the head through a buffer, and what comes along with it never reaches them: the head travels
 * alone. Only who has something to say at once (a log that is replayed) is held up by it.
 */
function holdBack(socket: Duplex): void {
  socket.cork();
  setTimeout(() => socket.uncork(), headStart);
}

/**
 * For a request without an upgrade on a connection that was used before: the output streams as an answer that ends with
 * the connection. Input there is none. A detached exec start comes so, too.
 */
export function outputOnly(response: ServerResponse, common: Readonly<Record<string, string>>): Acceptable {
  let isAccepted = false;
  const socket = new Duplex({
    read() {
      // Nothing ever comes in.
    },
    write(chunk: Uint8Array, _encoding, done) {
      response.write(chunk, () => done());
    },
    final(done) {
      response.end(done);
    },
  });
  response.on('close', () => socket.destroy());
  return {
    socket,
    isAccepted: () => isAccepted,
    accept(contentType) {
      isAccepted = true;
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { ...common, 'Content-Type': contentType, Connection: 'close' }).flushHeaders();
    },
    switchTo() {
      throw new InvalidError('this request needs an upgrade');
    },
    respond(answer) {
      isAccepted = true;
      return sendResponse(answer, response, common);
    },
  };
}

/** A normal answer on a connection that the parser has given away: the end of the connection is its end. */
export async function respondRaw(
  socket: Duplex,
  response: Response,
  common: Readonly<Record<string, string>>,
): Promise<void> {
  const { body } = response;
  const headers = {
    ...common,
    ...Object.fromEntries(response.headers),
    ...(!body && { 'Content-Length': '0' }),
    Connection: 'close',
  };
  socket.write(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}\r\n${lines(headers)}\r\n`);
  for await (const chunk of body ?? []) {
    if (socket.destroyed) return;
    if (socket.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      socket.once('drain', resolve);
      socket.once('close', resolve);
    });
  }
  socket.end();
}

function lines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}
