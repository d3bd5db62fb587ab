/** From an organization's access token to the shape that Docker Hub has for it. */
import type { z } from 'zod';
import type { organizationTokenSchema, resourceScopes } from '../../hub-api/schemas/access-tokens.ts';
import { type AccessToken, limitsOf } from '../accounts/access-token-store.ts';
import type { TokenScope } from '../db/schema.ts';
import { optionalTime, timeOf } from './present.ts';

const scopes: Record<TokenScope, (typeof resourceScopes)[number]> = {
  public_read: 'repo-pull',
  read: 'repo-pull',
  write: 'repo-push',
  delete: 'repo-delete',
  admin: 'repo-admin',
};

/** Without the secret. */
export function presentOrganizationToken(
  organization: string,
  token: AccessToken,
  creator: string,
): z.output<typeof organizationTokenSchema> {
  return {
    id: token.uuid,
    label: token.label,
    description: token.description,
    created_by: creator,
    is_active: token.is_active === 1,
    created_at: timeOf(token.created_at),
    expires_at: optionalTime(token.expires_at),
    last_used_at: optionalTime(token.last_used_at),
    resources: pathsOf(organization, token).map((path) => ({
      type: 'TYPE_REPO',
      path,
      scopes: [scopes[token.scope]],
    })),
  };
}

function pathsOf(organization: string, token: AccessToken): readonly string[] {
  if (token.scope === 'public_read') return ['*/*/public'];
  const { repositories } = limitsOf(token);
  return repositories ? [...repositories] : [`${organization}/*`];
}
