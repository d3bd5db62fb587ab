/** `Authorization: Basic`, RFC 7617. */
import { InvalidError } from '../../lib/errors.ts';
import type { Credentials } from '../accounts/sign-in.ts';

/** The name and password sent, undefined when none are. @throws InvalidError when they cannot be read. */
export function basicCredentials(request: Request): Credentials | undefined {
  const header = request.headers.get('Authorization');
  if (header?.slice(0, 6).toLowerCase() !== 'basic ') return undefined;
  const decoded = decode(header.slice(6).trim());
  const colon = decoded.indexOf(':');
  if (colon === -1) throw new InvalidError('invalid basic credentials');
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function decode(text: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.fromBase64(text));
  } catch (cause) {
    throw new InvalidError('invalid basic credentials', { cause });
  }
}
