/**
 * What a registry's refusal means to the one who pulls or pushes, in docker's words.
 * The client throws RegistryError; the verbs turn it into a domain error with the name that the user typed.
 */
import {
  CaisError,
  DeniedError,
  InvalidError,
  NotFoundError,
  UnauthorizedError,
  UnavailableError,
  UnsupportedError,
} from '../../lib/errors.ts';
import { familiarReference, familiarRepository, type Reference } from '../image/reference.ts';
import type { WireError } from './protocol.ts';

/** A registry answered, and the answer was no. Never leaves oci/distribution's callers: see pullError and pushError. */
export class RegistryError extends CaisError {
  override readonly name = 'RegistryError';
  readonly status: number;
  /** The protocol's code, `MANIFEST_UNKNOWN`; made up from the status where the body gave none. */
  readonly code: string;

  constructor(status: number, { code, message }: WireError) {
    super(`${code.toLowerCase().replaceAll('_', ' ')}: ${message}`);
    this.status = status;
    this.code = code;
  }
}

const codeOfStatus: Readonly<Record<number, WireError>> = {
  401: { code: 'UNAUTHORIZED', message: 'authentication required' },
  403: { code: 'DENIED', message: 'requested access to the resource is denied' },
  404: { code: 'NAME_UNKNOWN', message: 'repository name not known to registry' },
  429: { code: 'TOOMANYREQUESTS', message: 'too many requests' },
};
const denied: WireError = { code: 'DENIED', message: 'requested access to the resource is denied' };
const maxErrorBody = 64 * 1024;
/** In characters: people read it, in a terminal and in logs. */
const maxCode = 100;
const maxMessage = 1000;

/** Reads a refusal. The body is text from outside: bounded, and believed only in the protocol's form. */
export async function readRegistryError(response: Response, authenticated: boolean): Promise<RegistryError> {
  const wire = parseWireErrors(await readText(response))[0];
  // Registries answer 401 again when the token they asked for does not allow the action.
  if (response.status === 401 && authenticated) return new RegistryError(401, denied);
  const fallback = codeOfStatus[response.status] ?? {
    code: 'UNKNOWN',
    message: `received unexpected HTTP status: ${response.status} ${response.statusText}`.trim(),
  };
  return new RegistryError(response.status, wire ?? fallback);
}

function parseWireErrors(body: string): WireError[] {
  try {
    const value: unknown = JSON.parse(body);
    const errors: unknown = (value as { errors?: unknown } | null)?.errors;
    return Array.isArray(errors) ? errors.flatMap(wireError) : [];
  } catch {
    return [];
  }
}

function wireError(value: unknown): WireError[] {
  const { code, message } = (value ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code !== 'string') return [];
  const text = typeof message === 'string' && message !== '' ? message : code.toLowerCase();
  return [{ code: code.slice(0, maxCode), message: text.slice(0, maxMessage) }];
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  if (!response.body) return text;
  try {
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > maxErrorBody) break;
    }
  } catch {
    // A body cut off tells no more than its status.
  }
  return text;
}

/** The error of a pull, with docker's advice. Anything but a registry's refusal is passed on as it is. */
export function pullError(error: unknown, reference: Reference): unknown {
  if (!(error instanceof RegistryError)) return error;
  const cause = { cause: error };
  const name = familiarRepository(reference);
  if (error.code === 'MANIFEST_UNKNOWN') {
    return new NotFoundError(
      `manifest for ${familiarReference(reference)} not found: ${error.message}`,
      cause,
    );
  }
  // A repository that is not there and one that is hidden look alike.
  if (error.code === 'DENIED' || error.code === 'NAME_UNKNOWN') {
    return new NotFoundError(
      `pull access denied for ${name}, repository does not exist or may require 'docker login': ${error.message}`,
      cause,
    );
  }
  return domainError(error);
}

/** The domain error of a refusal that needs no more words: push, search, login. */
export function domainError(error: unknown): unknown {
  if (!(error instanceof RegistryError)) return error;
  const cause = { cause: error };
  if (error.code === 'DENIED' || error.status === 403) return new DeniedError(error.message, cause);
  if (error.status === 401) return new UnauthorizedError(error.message, cause);
  if (error.status === 404) return new NotFoundError(error.message, cause);
  if (error.status === 405) return new UnsupportedError(error.message, cause);
  if (error.status === 429 || error.status >= 500) return new UnavailableError(error.message, cause);
  return new InvalidError(error.message, cause);
}
