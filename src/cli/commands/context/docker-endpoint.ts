/** `--docker "host=…,ca=…"`: what `context create` and `context update` make of it. */
import { readFileSync } from 'node:fs';
import { errnoOf, InvalidError, messageOf } from '../../../lib/errors.ts';
import { type CliConfig, defaultContext, parseHost } from '../../config.ts';
import { type Context, ContextStore } from '../../context-store.ts';
import { defaultEndpoint } from '../../endpoint.ts';

export const endpointHelp = `

Docker endpoint config:

NAME                DESCRIPTION
from                Copy named context's Docker endpoint configuration
host                Docker endpoint on which to connect
ca                  Trust certs signed only by this CA
cert                Path to TLS certificate file
key                 Path to TLS key file
skip-tls-verify     Skip TLS certificate validation

Example:

`;

type Endpoint = Pick<Context, 'endpoint' | 'tls'>;

const files: Readonly<Record<string, string>> = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' };
const keys = ['from', 'host', 'ca', 'cert', 'key', 'skip-tls-verify'];

/** @param fields `key=value` texts. @throws InvalidError in docker's words. */
export function readDockerEndpoint(fields: readonly string[], store: ContextLookup): Endpoint {
  const values = new Map(
    fields.map((field): [string, string] => {
      const equals = field.indexOf('=');
      if (equals === -1) throw new InvalidError(`${field} must be formatted as key=value`);
      return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()];
    }),
  );
  try {
    return endpointOf(values, store);
  } catch (cause) {
    throw new InvalidError(`unable to create docker endpoint config: ${messageOf(cause)}`, { cause });
  }
}

function endpointOf(values: ReadonlyMap<string, string>, find: ContextLookup): Endpoint {
  const unknown = [...values.keys()].find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new InvalidError(`unrecognized config key: ${unknown}`);
  const from = values.get('from');
  if (from !== undefined) return find(from);
  const tls = new Map<string, Uint8Array>();
  for (const [key, file] of Object.entries(files)) {
    const path = values.get(key);
    if (path) tls.set(file, readPem(path));
  }
  return {
    endpoint: {
      host: hostOf(values.get('host') ?? ''),
      skipsTlsVerify: booleanOf(values.get('skip-tls-verify')),
    },
    tls,
  };
}

function hostOf(text: string): string {
  if (text === '') return '';
  try {
    return parseHost(text);
  } catch (cause) {
    throw new InvalidError(`unable to apply docker endpoint options: ${messageOf(cause)}`, { cause });
  }
}

function booleanOf(text = 'false'): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new InvalidError(`skip-tls-verify: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function readPem(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const reason = errnoOf(cause) === 'ENOENT' ? 'no such file or directory' : messageOf(cause);
    throw new InvalidError(`open ${path}: ${reason}`, { cause });
  }
}

/** A context by its name. @throws NotFoundError in docker's words. */
export type ContextLookup = (name: string) => Context;

/** Also the default one, which is nowhere stored: what flags and environment say. */
export function contextLookup(config: CliConfig): ContextLookup {
  return (name) => {
    if (name !== defaultContext) return new ContextStore(config.directory).get(name);
    const { host, tls } = defaultEndpoint(config);
    const pems = Object.entries(files).flatMap(([key, pem]): [string, Uint8Array][] => {
      const text = tls?.[key as 'ca' | 'cert' | 'key'];
      return text === undefined ? [] : [[pem, Buffer.from(text)]];
    });
    return {
      name,
      description: undefined,
      endpoint: { host, skipsTlsVerify: tls?.verifies === false },
      tls: new Map(pems),
    };
  };
}
