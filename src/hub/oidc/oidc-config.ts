/** Settings of signing in by an OpenID Connect provider. Part of ../config.ts. */
import { readFileSync } from 'node:fs';
import { InvalidError } from '../../lib/errors.ts';
import { type GroupMap, readGroupMap } from './group-map.ts';
import { settingReader } from '../setting-reader.ts';

/** Whether somebody whom the hub doesn't know gets an account, needs an invitation for it, or has to have one already. */
type ProviderSignUp = 'auto' | 'invite' | 'never';

export interface OidcFlags {
  readonly issuer?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecretFile?: string | undefined;
  readonly scopes?: string | undefined;
  readonly name?: string | undefined;
  readonly groupsClaim?: string | undefined;
  readonly groupMap?: readonly string[] | undefined;
  readonly groupMapFile?: string | undefined;
  readonly signUp?: string | undefined;
  readonly only?: boolean | undefined;
}

export interface OidcConfig {
  readonly issuer: URL;
  readonly clientId: string;
  /** Undefined for a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
  /** Separated by spaces. */
  readonly scopes: string;
  /** What people call the provider. */
  readonly name: string;
  readonly groupsClaim: string;
  readonly groupMap: GroupMap;
  readonly signUp: ProviderSignUp;
  /** That people sign in by the provider only, not by a password. */
  readonly only: boolean;
}

const modes: readonly ProviderSignUp[] = ['auto', 'invite', 'never'];

/** @returns undefined without an issuer. @throws InvalidError naming the flag or the variable that is wrong. */
export function readOidcConfig(
  flags: OidcFlags,
  env: Readonly<Record<string, string | undefined>>,
): OidcConfig | undefined {
  const read = settingReader(env);
  const issuer = read('--oidc-issuer', 'CAIS_HUB_OIDC_ISSUER', flags.issuer, readIssuer);
  if (!issuer) return undefined;
  const clientId = read('--oidc-client-id', 'CAIS_HUB_OIDC_CLIENT_ID', flags.clientId, (text) => text);
  if (clientId === undefined) {
    throw new InvalidError('--oidc-issuer needs --oidc-client-id (CAIS_HUB_OIDC_CLIENT_ID)');
  }
  const secretFile = '--oidc-client-secret-file';
  const mapVariable = 'CAIS_HUB_OIDC_GROUP_MAP';
  const mapLines = flags.groupMap?.length ? flags.groupMap.join('\n') : undefined;
  return {
    issuer,
    clientId,
    clientSecret:
      read(secretFile, 'CAIS_HUB_OIDC_CLIENT_SECRET_FILE', flags.clientSecretFile, readSecret) ??
      (env['CAIS_HUB_OIDC_CLIENT_SECRET'] || undefined),
    scopes: read('--oidc-scopes', 'CAIS_HUB_OIDC_SCOPES', flags.scopes, readScopes) ?? 'openid profile email',
    name: read('--oidc-name', 'CAIS_HUB_OIDC_NAME', flags.name, readName) ?? issuer.hostname,
    groupsClaim:
      read('--oidc-groups-claim', 'CAIS_HUB_OIDC_GROUPS_CLAIM', flags.groupsClaim, (text) => text) ??
      'groups',
    groupMap: [
      ...(read('--oidc-group-map', mapVariable, mapLines, readLines) ?? []),
      ...(read('--oidc-group-map-file', `${mapVariable}_FILE`, flags.groupMapFile, (path) =>
        readLines(readFileSync(path, 'utf8')),
      ) ?? []),
    ],
    signUp: read('--oidc-sign-up', 'CAIS_HUB_OIDC_SIGN_UP', flags.signUp, readMode) ?? 'auto',
    only: flags.only ?? /^(?:1|true|yes)$/i.test(env['CAIS_HUB_OIDC_ONLY'] ?? ''),
  };
}

/** Whoever is between hub and provider could let anybody in: only this machine itself needs no TLS. */
function readIssuer(text: string): URL {
  const url = URL.parse(text);
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url?.hostname ?? '');
  const isFitting = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback);
  if (!url || !isFitting || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new InvalidError('an address like https://sign-in.example/realms/company is expected');
  }
  return url;
}

function readSecret(path: string): string {
  const secret = readFileSync(path, 'utf8').trim();
  if (secret === '') throw new InvalidError('the file is empty');
  return secret;
}

function readScopes(text: string): string {
  const scopes = text.split(/[\s,]+/).filter(Boolean);
  return [...new Set(['openid', ...scopes])].join(' ');
}

function readName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > 60) throw new InvalidError('1 to 60 characters are expected');
  return name;
}

const readLines = (text: string): GroupMap => readGroupMap(text.split('\n'));

function readMode(text: string): ProviderSignUp {
  const mode = modes.find((each) => each === text);
  if (!mode) throw new InvalidError(`one of ${modes.join(', ')} is expected`);
  return mode;
}
