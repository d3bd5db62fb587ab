/** The flags of signing in by an OpenID Connect provider. Their meaning is in the hub's oidc/oidc-config.ts. */
import { list, optionalBool, string } from '../../flags.ts';

export const oidcFlags = {
  'oidc-issuer': string('Address of the OpenID Connect provider that people sign in by'),
  'oidc-client-id': string('What the provider calls this hub'),
  'oidc-client-secret-file': string('File with the secret that the provider gave'),
  'oidc-scopes': string('What the provider is asked for (default "openid profile email")'),
  'oidc-name': string('What people call the provider, for the button (default: its host)'),
  'oidc-groups-claim': string('Claim that holds the groups (default "groups")'),
  'oidc-group-map': list('What a group gives: GROUP=ORG[/TEAM][:ROLE] or GROUP=@administrators'),
  'oidc-group-map-file': string('File with one such mapping a line'),
  'oidc-sign-up': string('Whether who is new gets an account: auto, invite, never (default "auto")'),
  'oidc-only': optionalBool('People sign in by the provider only, not by a password'),
};
