import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../lib/errors.ts';
import { type AccessFlags, readAccessConfig } from './access-config.ts';

describe('the settings of who gets in', () => {
  test('let everybody sign up and pull, and believe no proxy, unless they are told', () => {
    const config = readAccessConfig({}, {});
    expect(config).toMatchObject({
      signUp: 'open',
      offlineTokens: false,
      keyRotation: 30 * 86_400_000,
      limits: {
        signUp: { max: 30, window: 3_600_000 },
        token: { max: 60_000, window: 60_000 },
        anonymousPull: undefined,
      },
    });
    expect(config.trustedProxies.includes('127.0.0.1')).toBe(false);
  });

  test('come from the environment, and flags win', () => {
    const env = {
      CAIS_HUB_SIGN_UP: 'closed',
      CAIS_HUB_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      CAIS_HUB_SIGN_UP_LIMIT: 'none',
      CAIS_HUB_TOKEN_LIMIT: '10/1m',
      CAIS_HUB_PULL_LIMIT: '100/6h',
      CAIS_HUB_OFFLINE_TOKENS: 'true',
      CAIS_HUB_KEY_ROTATION: 'none',
    };
    const config = readAccessConfig({ signUp: 'invite', pullLimit: '200/1d' }, env);
    expect(config).toMatchObject({
      signUp: 'invite',
      offlineTokens: true,
      keyRotation: undefined,
      limits: {
        signUp: undefined,
        token: { max: 10, window: 60_000 },
        anonymousPull: { max: 200, window: 86_400_000 },
      },
    });
    expect(config.trustedProxies.includes('10.1.2.3')).toBe(true);
    expect(config.trustedProxies.includes('::1')).toBe(true);
  });

  test.each<[AccessFlags, string]>([
    [{ signUp: 'everybody' }, '--sign-up'],
    [{ trustedProxies: ['10.0.0.0/40'] }, '--trusted-proxy'],
    [{ trustedProxies: ['proxy.example'] }, '--trusted-proxy'],
    [{ signUpLimit: '10' }, '--sign-up-limit'],
    [{ tokenLimit: '0/1m' }, '--token-limit'],
    [{ pullLimit: '100/6w' }, '--pull-limit'],
    [{ keyRotation: 'never' }, '--key-rotation'],
  ])('%j name the flag and its variable', (flags, name) => {
    const read = (): unknown => readAccessConfig(flags, {});
    expect(read).toThrow(InvalidError);
    expect(read).toThrow(name);
    expect(read).toThrow('(CAIS_HUB_');
  });
});
