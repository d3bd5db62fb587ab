/** The environment the CLI reads, once: raw values to one frozen record. Nothing else here looks at process.env. */
import { InvalidError } from '../lib/errors.ts';

export interface CliConfig {
  /** The engine's address where no -H is given. */
  readonly host: string;
  /** The directory of config.json. */
  readonly directory: string;
  /** `DOCKER_API_VERSION`: the version in every path; none means the engine's newest. */
  readonly apiVersion?: string;
  readonly platform?: string;
  readonly isColourless: boolean;
  /** The variables of this process, for `-e NAME` and `--env-file`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export const defaultHost = 'unix:///run/cais/engine.sock';

/** @throws InvalidError for an address of an unknown kind. */
export function readConfig(variables: Readonly<Record<string, string | undefined>> = process.env): CliConfig {
  const apiVersion = variables['DOCKER_API_VERSION'];
  const platform = variables['DOCKER_DEFAULT_PLATFORM'];
  return Object.freeze({
    host: parseHost(variables['CAIS_HOST'] || variables['DOCKER_HOST'] || defaultHost),
    directory: variables['DOCKER_CONFIG'] || `${variables['HOME'] ?? '/root'}/.docker`,
    ...(apiVersion && { apiVersion }),
    ...(platform && { platform }),
    isColourless: (variables['NO_COLOR'] ?? '') !== '' || variables['TERM'] === 'dumb',
    variables,
  });
}

/** `unix:///path`, `tcp://host:port`, `http://host:port`; a bare path means a socket. */
export function parseHost(text: string): string {
  if (/^(unix:\/\/\/|tcp:\/\/[^/]|https?:\/\/[^/])/.test(text)) return text;
  if (text.startsWith('/')) return `unix://${text}`;
  throw new InvalidError(`unable to parse docker host \`${text}\``);
}
