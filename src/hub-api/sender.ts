/** What the parts of the client send their calls through: the session, and errors by meaning, are its matter. */

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Sender {
  /** @throws CaisError what the hub refused, or that it does not answer. */
  json<T>(method: Method, target: string, body?: object): Promise<T>;
  /** For an answer without a body. */
  send(method: Method, target: string, body?: object): Promise<unknown>;
}
