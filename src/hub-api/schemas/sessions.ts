/** Signing in, with one factor or two, and what an account has open. */
import { z } from 'zod';
import { time } from './common.ts';

export const loginSchema = z
  .object({ username: z.string(), password: z.string().describe('Or an access token.') })
  .meta({ id: 'LoginRequest' });

export const secondFactorLoginSchema = z
  .object({
    login_2fa_token: z.string().max(256).describe('From the refusal of the login.'),
    code: z.string().max(64).describe('Of the app, or a recovery code.'),
  })
  .meta({ id: 'SecondFactorLoginRequest' });

export const loginQuery = z.object({
  refresh_token: z.string().optional().describe('`true` asks for a refresh token as well.'),
});

export const loginResponseSchema = z
  .object({
    token: z
      .string()
      .describe('For `Authorization: Bearer …`. A browser does not need it: it has the cookie.'),
    refresh_token: z.string().optional(),
  })
  .meta({ id: 'LoginResponse' });

export const logoutResponseSchema = z
  .object({
    provider_sign_out_url: z
      .string()
      .optional()
      .describe('Where a browser that came by the provider ends its session there, too.'),
  })
  .meta({ id: 'LogoutResponse' });

export const authTokenSchema = z
  .object({ identifier: z.string(), secret: z.string() })
  .meta({ id: 'AuthTokenRequest' });

export const authTokenResponseSchema = z
  .object({ access_token: z.string().describe('Good for ten minutes.') })
  .meta({ id: 'AuthTokenResponse' });

const sessionSchema = z
  .object({
    id: z.int(),
    kind: z
      .enum(['session', 'refresh'])
      .describe('Of a browser or tool, or the refresh token of a registry client.'),
    is_current: z.boolean().describe('The one that asks.'),
    by_access_token: z.boolean(),
    user_agent: z.string(),
    address: z.string(),
    created_at: time,
    last_used_at: time.nullable(),
    expires_at: time,
  })
  .meta({ id: 'Session' });

export const sessionListSchema = z.object({ results: z.array(sessionSchema) }).meta({ id: 'SessionList' });

export const secondFactorSchema = z
  .object({ enabled: z.boolean(), recovery_codes_left: z.int() })
  .meta({ id: 'SecondFactor' });

export const beginSecondFactorSchema = z
  .object({ password: z.string() })
  .meta({ id: 'BeginSecondFactorRequest' });

export const begunSecondFactorSchema = z
  .object({
    secret: z.string().describe('To type into an authenticator app.'),
    uri: z.string().describe('The same as `otpauth://…`, for a QR code.'),
  })
  .meta({ id: 'BegunSecondFactor' });

export const secondFactorCodeSchema = z
  .object({ code: z.string().max(64) })
  .meta({ id: 'SecondFactorCodeRequest' });

export const recoveryCodesSchema = z
  .object({ recovery_codes: z.array(z.string()).describe('Each works once. Shown once.') })
  .meta({ id: 'RecoveryCodes' });
