/** Accounts and sessions. */
import { z } from 'zod';

export const signupSchema = z
  .object({ username: z.string(), email: z.string(), password: z.string() })
  .meta({ id: 'SignupRequest' });

export const loginSchema = z
  .object({ username: z.string(), password: z.string() })
  .meta({ id: 'LoginRequest' });

export const loginResponseSchema = z
  .object({
    token: z
      .string()
      .describe('For `Authorization: Bearer …`. A browser does not need it: it has the cookie.'),
  })
  .meta({ id: 'LoginResponse' });

export const authTokenSchema = z
  .object({ identifier: z.string(), secret: z.string() })
  .meta({ id: 'AuthTokenRequest' });

export const authTokenResponseSchema = z
  .object({ access_token: z.string().describe('Good for ten minutes.') })
  .meta({ id: 'AuthTokenResponse' });

const publicUser = {
  id: z.string(),
  username: z.string(),
  full_name: z.string(),
  location: z.string(),
  company: z.string(),
  profile_url: z.string(),
  gravatar_url: z.string(),
  date_joined: z.string().meta({ format: 'date-time' }),
  type: z.literal('User'),
};

export const publicUserSchema = z.object(publicUser).meta({ id: 'PublicUser' });

export const userSchema = z
  .object({ ...publicUser, email: z.string(), is_admin: z.boolean(), is_staff: z.boolean() })
  .meta({ id: 'User' });
