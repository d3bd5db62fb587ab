/**
 * A registry's user and password: from config.json or from a credential helper, and on their way to the engine
 * as X-Registry-Auth. Helpers: https://github.com/docker/docker-credential-helpers
 */
import type { AuthConfig } from '../engine-api/types.ts';
import { InvalidError } from '../lib/errors.ts';
import { run } from '../lib/subprocess.ts';
import type { RepositoryName } from '../oci/image/reference.ts';
import type { ConfigFile } from './config-file.ts';

export interface Credential {
  readonly username: string;
  readonly password: string;
  /** Instead of a password, where the registry gave one. */
  readonly identitytoken?: string;
}

/** docker.io's key in config.json, for ever. */
export const defaultServer = 'https://index.docker.io/v1/';

/** What a helper answers as the user when the secret is a token. */
const tokenUser = '<token>';

/** The key in config.json for what a person typed: a scheme and a path are dropped, docker.io is the default server. */
export function serverKey(server: string | undefined): string {
  if (server === undefined || server === '') return defaultServer;
  const host = server.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  return ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? defaultServer : host;
}

/** The key in config.json for a repository's registry. */
export function serverOf(name: RepositoryName): string {
  return serverKey(name.domain);
}

/** The stored secret; undefined where there is none. */
export async function findCredential(file: ConfigFile, server: string): Promise<Credential | undefined> {
  const helper = file.helperFor(server);
  if (helper !== undefined) return await askHelper(helper, server);
  for (const key of [server, ...file.servers.filter((other) => serverKey(other) === server)]) {
    const stored = file.auth(key);
    if (stored) return decode(stored.auth, stored.identitytoken);
  }
  return undefined;
}

function decode(auth: string | undefined, identitytoken: string | undefined): Credential | undefined {
  const text = Buffer.from(auth ?? '', 'base64').toString();
  const colon = text.indexOf(':');
  if (colon === -1 && identitytoken === undefined) return undefined;
  const password = text.slice(colon + 1).replace(/\0+$/, '');
  return { username: text.slice(0, Math.max(colon, 0)), password, ...(identitytoken && { identitytoken }) };
}

/** Keeps a secret where the configuration says. @returns the helper's name, or undefined where it went into the file. */
export async function storeCredential(
  file: ConfigFile,
  server: string,
  credential: Credential,
): Promise<string | undefined> {
  const { username, password, identitytoken } = credential;
  const helper = file.helperFor(server);
  if (helper !== undefined) {
    const [Username, Secret] = identitytoken ? [tokenUser, identitytoken] : [username, password];
    await runHelper(helper, 'store', JSON.stringify({ ServerURL: server, Username, Secret }));
    await file.setAuth(server, {});
    return helper;
  }
  const auth = Buffer.from(`${username}:${identitytoken ? '' : password}`).toString('base64');
  await file.setAuth(server, { auth, ...(identitytoken && { identitytoken }) });
  return undefined;
}

/** Forgets a secret, wherever it is. */
export async function eraseCredential(file: ConfigFile, server: string): Promise<void> {
  const helper = file.helperFor(server);
  if (helper !== undefined) await runHelper(helper, 'erase', server);
  for (const key of [server, ...file.servers.filter((other) => serverKey(other) === server)]) {
    if (file.auth(key)) await file.setAuth(key, undefined);
  }
}

async function askHelper(helper: string, server: string): Promise<Credential | undefined> {
  const { exitCode, stdout } = await run([`docker-credential-${helper}`, 'get'], { input: server });
  if (exitCode !== 0) {
    if (/credentials not found/i.test(stdout)) return undefined;
    throw new InvalidError(
      `error getting credentials - err: exit status ${exitCode}, out: \`${stdout.trim()}\``,
    );
  }
  const answer = JSON.parse(stdout) as { Username?: string; Secret?: string };
  const secret = answer.Secret ?? '';
  return answer.Username === tokenUser
    ? { username: '', password: '', identitytoken: secret }
    : { username: answer.Username ?? '', password: secret };
}

async function runHelper(helper: string, action: 'store' | 'erase', input: string): Promise<void> {
  const { exitCode, stdout } = await run([`docker-credential-${helper}`, action], { input });
  if (exitCode !== 0) {
    const verb = action === 'store' ? 'storing' : 'erasing';
    throw new InvalidError(
      `error ${verb} credentials - err: exit status ${exitCode}, out: \`${stdout.trim()}\``,
    );
  }
}

/** The header's value; `{}` for nobody. */
export function encodeAuth(server: string, credential: Credential | undefined): string {
  const { username, password, identitytoken } = credential ?? { username: '', password: '' };
  const auth: AuthConfig & { identitytoken?: string } = identitytoken
    ? { username, serveraddress: server, identitytoken }
    : { username, password, serveraddress: server };
  const json = JSON.stringify(credential ? auth : {});
  return Buffer.from(json).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
