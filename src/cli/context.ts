/** What a command may use: outputs, input, the engine, the configuration. Made once by main.ts, handed to every command. */
import type { EngineAddress } from '../engine-api/address.ts';
import { EngineClient } from '../engine-api/client.ts';
import { UnavailableError } from '../lib/errors.ts';
import type { CliConfig } from './config.ts';
import type { ConfigFile } from './config-file.ts';
import type { Endpoint } from './endpoint.ts';
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
  /** Which engine that is. @throws InvalidError for a context that is not there. */
  readonly endpoint: () => Promise<Endpoint>;
  /** ~/.docker/config.json, read at the first call. @throws InvalidError where it isn't JSON. */
  readonly configFile: () => Promise<ConfigFile>;
}

export const version = '0.1.0';

/** The client for an engine, with the message of a client whose engine isn't there. */
export function connectEngine(
  config: CliConfig,
  endpoint: () => Promise<Endpoint>,
  address: () => Promise<EngineAddress>,
  headers: () => Promise<Record<string, string>>,
) {
  return new EngineClient({
    address,
    userAgent: `cais/${version} (linux)`,
    headers,
    ...(config.apiVersion !== undefined && { apiVersion: config.apiVersion }),
    unreachable: async (cause) => {
      const { host } = await endpoint();
      return new UnavailableError(
        `Cannot connect to the cais engine at ${host}. Is it running? Start it with: cais up`,
        { cause },
      );
    },
  });
}
