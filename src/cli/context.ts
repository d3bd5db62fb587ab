/** What a command may use: outputs, input, the engine, the configuration. Made once by main.ts, handed to every command. */
import { EngineClient } from '../engine-api/client.ts';
import { UnavailableError } from '../lib/errors.ts';
import type { CliConfig } from './config.ts';
import type { ConfigFile } from './config-file.ts';
import type { Output } from './output.ts';

/** The commands that run a server; bin/ gives them, since the CLI must not know the engine or the hub. */
export interface ServerCommands {
  readonly [path: string]: () => Promise<ServerCommand>;
}

export type ServerCommand = (flags: ServerFlags, input: Input, output: Output) => Promise<number>;

/** The flags of a server command as given; lists for those that may repeat. */
export type ServerFlags = Readonly<Record<string, string | boolean | readonly string[] | undefined>> & {
  readonly args: readonly string[];
};

export interface Input {
  readonly isTerminal: boolean;
  readonly stream: () => ReadableStream<Uint8Array>;
}

export interface CliContext {
  readonly config: CliConfig;
  readonly out: Output;
  readonly err: Output;
  readonly input: Input;
  /** The engine this invocation talks to; nothing is sent before the first call. */
  readonly engine: EngineClient;
  readonly servers: ServerCommands;
  /** ~/.docker/config.json, read at the first call. @throws InvalidError where it isn't JSON. */
  readonly configFile: () => Promise<ConfigFile>;
}

export const version = '0.1.0';

/** The client for an address, with the message of a client whose engine isn't there. */
export function connectEngine(
  config: CliConfig,
  host: string,
  headers: () => Promise<Record<string, string>>,
) {
  return new EngineClient({
    host,
    userAgent: `cais/${version} (linux)`,
    headers,
    ...(config.apiVersion !== undefined && { apiVersion: config.apiVersion }),
    unreachable: (cause) =>
      new UnavailableError(
        `Cannot connect to the cais engine at ${host}. Is it running? Start it with: cais up`,
        { cause },
      ),
  });
}
