/**
 * Which engine a command talks to. A host (-H, CAIS_HOST, DOCKER_HOST) means the default context with that host; else
 * --context, DOCKER_CONTEXT or config.json's currentContext name one.
 */
import type { ClientTls } from '../engine-api/address.ts';
import { InvalidError, messageOf } from '../lib/errors.ts';
import { type CliConfig, defaultContext, defaultHost, type TlsChoice } from './config.ts';
import type { ConfigFile } from './config-file.ts';
import { nodeFs } from './node-fs.ts';

export interface Endpoint {
  readonly contextName: string;
  readonly host: string;
  readonly tls: ClientTls | undefined;
}

/** The context's name alone: it may be one that does not exist. */
export function contextNameOf(config: CliConfig, file: Pick<ConfigFile, 'currentContext'>): string {
  if (config.context !== undefined) return config.context;
  if (config.host !== undefined) return defaultContext;
  return config.contextVariable || file.currentContext || defaultContext;
}

/** @throws InvalidError for a context that is not there, or TLS files that cannot be read. */
export async function resolveEndpoint(
  config: CliConfig,
  file: Pick<ConfigFile, 'currentContext'>,
): Promise<Endpoint> {
  const contextName = contextNameOf(config, file);
  if (contextName === defaultContext) return defaultEndpoint(config);
  // It checks what it reads, which takes longer to load than all else that a command needs.
  const { ContextStore } = await import('./context-store.ts');
  return resolving(() => {
    const { endpoint, tls } = new ContextStore(config.directory).get(contextName);
    return { contextName, host: endpoint.host, tls: contextTls(tls, endpoint.skipsTlsVerify) };
  });
}

/** The one that flags and variables describe. @throws InvalidError for TLS files that cannot be read. */
export function defaultEndpoint({ host = defaultHost, tls }: CliConfig): Endpoint {
  return resolving(() => ({ contextName: defaultContext, host, tls: tlsByFlags(tls) }));
}

function resolving(resolve: () => Endpoint): Endpoint {
  try {
    return resolve();
  } catch (cause) {
    throw new InvalidError(`Failed to initialize: unable to resolve docker endpoint: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function contextTls(files: ReadonlyMap<string, Uint8Array>, skipsVerify: boolean): ClientTls | undefined {
  if (files.size === 0 && !skipsVerify) return undefined;
  const text = (name: string): string | undefined => {
    const bytes = files.get(name);
    return bytes && Buffer.from(bytes).toString();
  };
  return { ca: text('ca.pem'), cert: text('cert.pem'), key: text('key.pem'), verifies: !skipsVerify };
}

/** Docker's rule: of the files in the directory, the client's own may be missing. */
function tlsByFlags(tls: TlsChoice): ClientTls | undefined {
  if (!tls.isOn) return undefined;
  const own = (given: string | undefined, name: string): string | undefined => {
    const path = given ?? `${tls.directory}/${name}`;
    return given === undefined && !nodeFs().existsSync(path) ? undefined : readPem(path);
  };
  return {
    ca: tls.verifies ? readPem(tls.ca ?? `${tls.directory}/ca.pem`) : own(tls.ca, 'ca.pem'),
    cert: own(tls.cert, 'cert.pem'),
    key: own(tls.key, 'key.pem'),
    verifies: tls.verifies,
  };
}

function readPem(path: string): string {
  try {
    return nodeFs().readFileSync(path, 'utf8');
  } catch (cause) {
    throw new InvalidError(`open ${path}: no such file or directory`, { cause });
  }
}
