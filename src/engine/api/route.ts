/** The shape of the API's table: method, path, handler. server.ts matches and calls; errors.ts answers what is thrown. */
import type { Duplex } from 'node:stream';

export interface ApiRequest {
  /** Path parameters, decoded: `{name}` may hold slashes (images), `{id}` not. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** Aborted when the client goes away. Never ends a container; cancels pulls, logs, waits. */
  readonly signal: AbortSignal;
  /** The API version asked for, as a number to compare: 1.41 is 41. */
  readonly version: number;
  /** The body, unread. Empty stream where there is none. */
  readonly body: ReadableStream<Uint8Array>;
  /** The body as JSON, bounded; undefined when empty. @throws InvalidError */
  json(): Promise<unknown>;
}

/** The raw connection after an upgrade: half-open allowed, first bytes not lost. */
export interface Hijacked {
  readonly socket: Duplex;
  /** Sends the 101 (or, for clients that did not ask for the upgrade, the 200) and makes the bytes flow. */
  accept(contentType: string): void;
  /** The same with another protocol's headers. @throws InvalidError when the client asked for no upgrade. */
  switchTo(headers: Readonly<Record<string, string>>): void;
  /** Answers normally after all, in place of `accept`: a detached exec has no stream. */
  respond(response: Response): Promise<void>;
}

export type Route =
  | {
      readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
      /** `/containers/{id}/json`; a last-but-suffix `{name}` matches slashes too: `/images/{name}/json`. */
      readonly path: string;
      readonly handle: (request: ApiRequest) => Promise<Response> | Response;
    }
  | {
      readonly method: 'GET' | 'POST';
      readonly path: string;
      /** Takes the connection over; what is thrown before `accept` becomes a normal error answer. */
      readonly hijack: (request: ApiRequest, connection: Hijacked) => Promise<void>;
    };

/** A JSON answer. @param status 200 unless told. */
export function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value) + '\n', {
    status,
    headers: { 'Content-Type': 'application/json' },
  });
}

/** An answer without a body. */
export function empty(status = 204): Response {
  return new Response(null, { status });
}
