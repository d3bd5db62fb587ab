/** Accounts: signing up, who one is, passwords, invitations. */
import { z } from 'zod';
import { time } from './common.ts';

export const signupSchema = z
  .object({
    username: z.string(),
    email: z.string(),
    password: z.string(),
    invitation: z.string().max(256).optional().describe('Where signing up needs one.'),
  })
  .meta({ id: 'SignupRequest' });

export const publicUser = {
  id: z.string(),
  username: z.string(),
  full_name: z.string(),
  location: z.string(),
  company: z.string(),
  profile_url: z.string(),
  gravatar_url: z.string(),
  date_joined: time,
  type: z.enum(['User', 'Organization']),
};

export const publicUserSchema = z.object(publicUser).meta({ id: 'PublicUser' });

export const userSchema = z
  .object({ ...publicUser, email: z.string(), is_admin: z.boolean(), is_staff: z.boolean() })
  .meta({ id: 'User' });

export const updateUserSchema = z
  .object({
    full_name: z.string().max(100, 'at most 100 characters').optional(),
    location: z.string().max(100, 'at most 100 characters').optional(),
    company: z.string().max(100, 'at most 100 characters').optional(),
  })
  .meta({ id: 'UpdateUserRequest', description: 'What is left out stays.' });

export const changePasswordSchema = z
  .object({ old_password: z.string(), new_password: z.string() })
  .meta({ id: 'ChangePasswordRequest' });

export const passwordResetSchema = z
  .object({ token: z.string().max(256), password: z.string() })
  .meta({ id: 'PasswordResetRequest' });

export const createdPasswordResetSchema = z
  .object({ token: z.string().describe('For one new password. Shown once.'), expires_at: time })
  .meta({ id: 'PasswordReset' });

export const createInvitationSchema = z
  .object({ email: z.string().max(254).optional().describe('The only address that may sign up with it.') })
  .meta({ id: 'CreateInvitationRequest' });

const invitation = { id: z.string(), invitee: z.string(), created_at: time, expires_at: time };

export const createdInvitationSchema = z
  .object({ ...invitation, token: z.string().describe('For one sign-up. Shown once.') })
  .meta({ id: 'CreatedInvitation' });

export const invitationListSchema = z
  .object({ data: z.array(z.object(invitation).meta({ id: 'Invitation' })) })
  .meta({ id: 'InvitationList' });
