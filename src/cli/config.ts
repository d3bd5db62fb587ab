/** The environment the CLI reads, once: raw values to one frozen record. Nothing else here looks at process.env. */
import { InvalidError } from '../lib/errors.ts';

export interface CliConfig {
  /** The engine's address as -H, CAIS_HOST or DOCKER_HOST gives it; undefined where a context decides. */
  readonly host?: string;
  /** The variable that gave it; undefined for -H. */
  readonly hostVariable?: string;
  /** --context: wins over everything. */
  readonly context?: string;
  /** DOCKER_CONTEXT: wins over config.json, and loses to a host. */
  readonly contextVariable?: string;
  readonly tls: TlsChoice;
  /** The directory of config.json. */
  readonly directory: string;
  /** `DOCKER_API_VERSION`: the version in every path; none means the engine's newest. */
  readonly apiVersion?: string;
  readonly platform?: string;
  readonly isColourless: boolean;
  /** The variables of this process, for `-e NAME` and `--env-file`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** How the default context's engine is reached: docker's --tls flags and DOCKER_TLS_VERIFY. */
export interface TlsChoice {
  readonly isOn: boolean;
  readonly verifies: boolean;
  /** Paths that were asked for; those not given lie in `directory`. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly directory: string;
}

export const defaultHost = 'unix:///run/cais/engine.sock';

/** Stored nowhere: it is what flags and variables say. */
export const defaultContext = 'default';

/** @throws InvalidError for an address of an unknown kind. */
export function readConfig(variables: Readonly<Record<string, string | undefined>> = process.env): CliConfig {
  const apiVersion = variables['DOCKER_API_VERSION'];
  const platform = variables['DOCKER_DEFAULT_PLATFORM'];
  const hostVariable = ['CAIS_HOST', 'DOCKER_HOST'].find((name) => variables[name]);
  const contextVariable = variables['DOCKER_CONTEXT'];
  const directory = variables['DOCKER_CONFIG'] || `${variables['HOME'] ?? '/root'}/.docker`;
  const verifies = Boolean(variables['DOCKER_TLS_VERIFY']);
  return Object.freeze({
    ...(hostVariable !== undefined && { host: parseHost(variables[hostVariable] ?? ''), hostVariable }),
    ...(contextVariable && { contextVariable }),
    tls: {
      isOn: verifies || Boolean(variables['DOCKER_TLS']),
      verifies,
      directory: variables['DOCKER_CERT_PATH'] || directory,
    },
    directory,
    ...(apiVersion && { apiVersion }),
    ...(platform && { platform }),
    isColourless: (variables['NO_COLOR'] ?? '') !== '' || variables['TERM'] === 'dumb',
    variables,
  });
}

/** `unix:///path`, `tcp://host:port`, `http://host:port`, `ssh://user@host`; a bare path means a socket. */
export function parseHost(text: string): string {
  if (/^(unix:\/\/\/|(?:tcp|ssh|https?):\/\/[^/])/.test(text)) return text;
  if (text.startsWith('/')) return `unix://${text}`;
  throw new InvalidError(`unable to parse docker host \`${text}\``);
}
