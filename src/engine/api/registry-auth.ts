/** X-Registry-Auth: the credentials that a client sends along with pull, push and search. */
import { defaultDomain } from '../../oci/image/reference.ts';
import { anonymous, type Credentials } from '../../oci/distribution/credentials.ts';

/** What clients send; `POST /auth` takes the same as its body. */
export interface AuthFields {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
  readonly identitytoken: string;
  readonly registrytoken: string;
}

/** Base64 JSON in either alphabet. What can't be read counts as nothing, as docker has it: old clients send oddities. */
export function registryCredentials(headers: Headers): Credentials {
  const header = headers.get('X-Registry-Auth');
  if (header === null || header === '') return anonymous;
  try {
    return credentialsOf(authFields(JSON.parse(Buffer.from(header, 'base64').toString('utf8'))));
  } catch {
    return anonymous;
  }
}

/** The registries' names for docker.io, in the order in which they count. */
const hubKeys = ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** X-Registry-Config, of builds: credentials by registry. Unreadable ones count as none. */
export function registryConfig(headers: Headers): (domain: string) => Credentials {
  const known = new Map<string, unknown>();
  try {
    const decoded: unknown = JSON.parse(
      Buffer.from(headers.get('X-Registry-Config') ?? '', 'base64').toString('utf8'),
    );
    for (const [key, value] of Object.entries(decoded as object)) known.set(key, value);
  } catch {
    // As for X-Registry-Auth.
  }
  return (domain) => {
    const keys = domain === defaultDomain ? hubKeys : [domain, `https://${domain}`, `https://${domain}/v1/`];
    const key = keys.find((name) => known.has(name));
    return key === undefined ? anonymous : credentialsOf(authFields(known.get(key)));
  };
}

/** The fields of a JSON value; those missing or of another type are empty. */
export function authFields(value: unknown): AuthFields {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const text = (name: string): string => {
    const field = fields[name];
    return typeof field === 'string' ? field : '';
  };
  // Very old clients know only `auth`, the base64 of name and password.
  const pair = Buffer.from(text('auth'), 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return {
    username: text('username') || pair.slice(0, Math.max(0, colon)),
    password: text('password') || (colon === -1 ? '' : pair.slice(colon + 1)),
    serveraddress: text('serveraddress'),
    identitytoken: text('identitytoken'),
    registrytoken: text('registrytoken'),
  };
}

export function credentialsOf(fields: AuthFields): Credentials {
  if (fields.registrytoken !== '') return { kind: 'registry-token', token: fields.registrytoken };
  if (fields.identitytoken !== '') return { kind: 'identity-token', token: fields.identitytoken };
  if (fields.username === '') return anonymous;
  return { kind: 'password', username: fields.username, password: fields.password };
}
