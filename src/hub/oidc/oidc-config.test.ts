/** Settings of signing in by a provider: what is taken, and what is refused by its name. */
import { describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGroupMap, rightsOf } from './group-map.ts';
import { type OidcFlags, readOidcConfig } from './oidc-config.ts';

const least: OidcFlags = { issuer: 'https://sign-in.example/realms/company', clientId: 'cais' };

describe('settings', () => {
  test('an issuer and a client are enough', () => {
    expect(readOidcConfig(least, {})).toMatchObject({
      name: 'sign-in.example',
      scopes: 'openid profile email',
      groupsClaim: 'groups',
      clientSecret: undefined,
      groupMap: [],
      signUp: 'auto',
      only: false,
    });
    expect(readOidcConfig({}, {})).toBeUndefined();
  });

  test('the secret comes from the environment or a file, mappings from flags, environment and file', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cais-oidc-'));
    try {
      writeFileSync(join(directory, 'secret'), 'of a file\n');
      writeFileSync(join(directory, 'map'), '# who is who\n\ndevs=acme/developers\n');
      const flags = { ...least, groupMapFile: join(directory, 'map') };
      const env = {
        CAIS_HUB_OIDC_CLIENT_SECRET: 'of the environment',
        CAIS_HUB_OIDC_GROUP_MAP: 'a=b1\nc=d1',
      };
      const config = readOidcConfig(flags, env);
      expect(config?.clientSecret).toBe('of the environment');
      expect(config?.groupMap.map(({ group }) => group)).toEqual(['a', 'c', 'devs']);
      const file = { CAIS_HUB_OIDC_CLIENT_SECRET_FILE: join(directory, 'secret') };
      expect(readOidcConfig(least, file)?.clientSecret).toBe('of a file');
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test.each<[OidcFlags, string]>([
    [{ issuer: 'https://sign-in.example' }, '--oidc-client-id'],
    [{ ...least, issuer: 'http://sign-in.example' }, '--oidc-issuer'],
    [{ ...least, issuer: 'https://me:secret@sign-in.example' }, '--oidc-issuer'],
    [{ ...least, issuer: 'https://sign-in.example/?tenant=1' }, '--oidc-issuer'],
    [{ ...least, signUp: 'yes' }, '--oidc-sign-up'],
    [{ ...least, name: ' ' }, '--oidc-name'],
    [{ ...least, clientSecretFile: '/nowhere/secret' }, '--oidc-client-secret-file'],
    [{ ...least, groupMap: ['devs'] }, '--oidc-group-map'],
  ])('%j is refused by name', (flags, name) => {
    expect(() => readOidcConfig(flags, {})).toThrow(name);
  });
});

describe('a map of groups', () => {
  test.each(['devs', '=acme', 'devs=', 'devs=acme:boss', 'devs=Acme', 'devs=acme/a/b', 'devs=@admins'])(
    '%p is refused',
    (line) => {
      expect(() => readGroupMap([line])).toThrow('is expected');
    },
  );

  test('gives the highest role of all that somebody is in, and nothing for a group that is not named', () => {
    const map = readGroupMap([
      'devs=acme/developers',
      'leads=acme:owner',
      'leads = acme/reviewers:editor',
      'cn=ops,ou=it=@administrators',
    ]);
    expect(rightsOf(map, ['others', 'Devs'])).toEqual({
      isAdministrator: false,
      roles: new Map(),
      teams: [],
    });
    expect(rightsOf(map, ['devs', 'leads', 'cn=ops,ou=it'])).toEqual({
      isAdministrator: true,
      roles: new Map([['acme', 'owner']]),
      teams: [
        { organization: 'acme', team: 'developers' },
        { organization: 'acme', team: 'reviewers' },
      ],
    });
  });
});
