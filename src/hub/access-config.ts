/** Settings of who gets in: sign-up, limits, proxies, tokens. Part of config.ts. */
import { InvalidError } from '../lib/errors.ts';
import { TrustedProxies } from './limits/client-address.ts';
import type { LimitRates } from './limits/request-limits.ts';
import type { Rate } from './limits/window-counter.ts';
import { settingReader } from './setting-reader.ts';

export interface AccessFlags {
  readonly signUp?: string | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  readonly signUpLimit?: string | undefined;
  readonly tokenLimit?: string | undefined;
  readonly pullLimit?: string | undefined;
  readonly offlineTokens?: boolean | undefined;
  readonly keyRotation?: string | undefined;
}

/** Who may make an account: everybody, who has an invitation, or only the shell. */
export type SignUpMode = 'open' | 'invite' | 'closed';

export interface AccessConfig {
  readonly signUp: SignUpMode;
  readonly trustedProxies: TrustedProxies;
  readonly limits: LimitRates;
  readonly offlineTokens: boolean;
  /** In milliseconds; undefined: never by itself. */
  readonly keyRotation: number | undefined;
}

const modes: readonly SignUpMode[] = ['open', 'invite', 'closed'];
const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @throws InvalidError naming the flag or the variable that is wrong. */
export function readAccessConfig(
  flags: AccessFlags,
  env: Readonly<Record<string, string | undefined>>,
): AccessConfig {
  const read = settingReader(env);
  const rate = (flag: string, variable: string, given: string | undefined, otherwise: Rate | 'none') => {
    const found = read(flag, variable, given, readRate) ?? otherwise;
    return found === 'none' ? undefined : found;
  };
  const proxies = flags.trustedProxies?.join(',');
  const rotation = read('--key-rotation', 'CAIS_HUB_KEY_ROTATION', flags.keyRotation, readPeriod);
  return {
    signUp: read('--sign-up', 'CAIS_HUB_SIGN_UP', flags.signUp, readMode) ?? 'open',
    trustedProxies:
      read('--trusted-proxy', 'CAIS_HUB_TRUSTED_PROXIES', proxies || undefined, readProxies) ??
      new TrustedProxies([]),
    limits: {
      signUp: rate('--sign-up-limit', 'CAIS_HUB_SIGN_UP_LIMIT', flags.signUpLimit, {
        max: 30,
        window: 3_600_000,
      }),
      // High: a client asks for one with every image. It is there against floods.
      token: rate('--token-limit', 'CAIS_HUB_TOKEN_LIMIT', flags.tokenLimit, { max: 60_000, window: 60_000 }),
      anonymousPull: rate('--pull-limit', 'CAIS_HUB_PULL_LIMIT', flags.pullLimit, 'none'),
    },
    offlineTokens: flags.offlineTokens ?? /^(?:1|true|yes)$/i.test(env['CAIS_HUB_OFFLINE_TOKENS'] ?? ''),
    keyRotation: rotation === 'none' ? undefined : (rotation ?? 30 * 86_400_000),
  };
}

function readMode(text: string): SignUpMode {
  const mode = modes.find((each) => each === text);
  if (!mode) throw new InvalidError(`one of ${modes.join(', ')} is expected`);
  return mode;
}

function readProxies(text: string): TrustedProxies {
  return new TrustedProxies(
    text
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean),
  );
}

function readRate(text: string): Rate | 'none' {
  if (text === 'none') return 'none';
  const match = /^([1-9]\d{0,8})\/(\d{1,4}[smhd])$/.exec(text);
  const window = match && readPeriod(match[2] ?? '');
  if (!match || window === null || window === 'none')
    throw new InvalidError('a number per time is expected, as in 100/6h, or none');
  return { max: Number(match[1]), window };
}

/** In milliseconds. @throws InvalidError */
export function readPeriod(text: string): number | 'none' {
  if (text === 'none') return 'none';
  const match = /^([1-9]\d{0,3})([smhd])$/.exec(text);
  if (!match) throw new InvalidError('a time is expected, as in 90s, 6h or 30d, or none');
  return Number(match[1]) * (units[match[2] ?? ''] ?? 0);
}
