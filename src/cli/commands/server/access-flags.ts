/** The flags of who gets in to a hub, and how often. Their meaning is in the hub's access-config.ts. */
import { list, optionalBool, string } from '../../flags.ts';

export const accessFlags = {
  'sign-up': string('Who may make an account: open, invite, closed (default "open")'),
  'sign-up-limit': string('Sign-ups from one address, as in 30/1h, or none (default "30/1h")'),
  'token-limit': string('Registry tokens for one address or account, or none (default "60000/1m")'),
  'pull-limit': string('Pulls from one address without an account, as in 100/6h, or none (default "none")'),
  'trusted-proxy': list('Address or network of a proxy whose X-Forwarded headers are believed'),
  'offline-tokens': optionalBool('Give docker a token to keep in place of the password'),
  'key-rotation': string('Time after which a new key signs registry tokens, or none (default "30d")'),
};
