/** How people get in: by the provider, by a password, by signing up. Where the provider is the only way the others are closed. */
import type { SignUpMode } from '../access-config.ts';
import type { SignInMethods } from '../../hub-api/types.ts';
import type { HubConfig } from '../config.ts';
import { Provider } from './provider.ts';

interface WaysIn {
  readonly provider: Provider | undefined;
  readonly takesPasswords: boolean;
  readonly signUpMode: SignUpMode;
}

/** As people are told. */
export function signInMethods({ oidc }: Pick<HubConfig, 'oidc'>): SignInMethods {
  return {
    password: oidc?.only !== true,
    provider: oidc ? { name: oidc.name, sign_up: oidc.signUp } : null,
  };
}

export function waysIn({ oidc, access }: HubConfig): WaysIn {
  const isOnly = oidc?.only === true;
  return {
    provider: oidc && new Provider(oidc),
    takesPasswords: !isOnly,
    signUpMode: isOnly ? 'closed' : access.signUp,
  };
}
