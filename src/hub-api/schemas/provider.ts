/** Signing in by an OpenID Connect provider: what a hub offers, the last step of it, and the identity of an account. */
import { z } from 'zod';
import { time } from './common.ts';

export const signInMethodsSchema = z
  .object({
    password: z.boolean().describe('Whether people sign in by a password.'),
    provider: z
      .object({
        name: z.string().describe('What people call it.'),
        sign_up: z
          .enum(['auto', 'invite', 'never'])
          .describe('Whether somebody new gets an account, by themselves or with an invitation.'),
      })
      .nullable(),
  })
  .meta({ id: 'SignInMethods' });

export const providerStepSchema = z
  .object({
    next: z.string().describe('Where to go on afterwards: a path of this hub.'),
    username: z.string().describe('A name to propose, or nothing.'),
    email: z.string(),
    sign_up: z.enum(['auto', 'invite', 'never']),
    has_invitation: z.boolean(),
    account: z.string().nullable().describe('One that has the same, verified, address: perhaps their own.'),
  })
  .meta({ id: 'ProviderStep' });

export const providerSignUpSchema = z
  .object({ username: z.string().max(256), invitation: z.string().max(256).optional() })
  .meta({ id: 'ProviderSignUpRequest' });

export const providerLinkSchema = z
  .object({
    username: z.string().max(256),
    password: z.string(),
    code: z.string().max(64).optional().describe('Where the account has two-factor authentication.'),
  })
  .meta({ id: 'ProviderLinkRequest' });

export const identitySchema = z
  .object({
    provider: z.string().nullable().describe('The name of the provider; null where the hub has none.'),
    has_password: z.boolean(),
    linked: z.object({ email: z.string(), linked_at: time, last_used_at: time }).nullable(),
  })
  .meta({ id: 'Identity' });

export const linkIdentitySchema = z.object({ password: z.string() }).meta({ id: 'LinkIdentityRequest' });

export const linkingIdentitySchema = z
  .object({ url: z.string().describe('The provider’s, for the browser that asked.') })
  .meta({ id: 'LinkingIdentity' });
