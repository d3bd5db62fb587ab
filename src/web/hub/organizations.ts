/**
 * Organizations for the pages: what is read of them, and what is changed. Everything of one organization is below the key
 * `organization`, its name, so that a change makes all of it stale.
 */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  CreateOrganizationRequest,
  CreateOrganizationTokenRequest,
  CreateTeamRequest,
  MemberListQuery,
  MemberRole,
  PageQuery,
  Permission,
  TeamListQuery,
  TeamRepository,
  UpdateOrganizationRequest,
  UpdateOrganizationTokenRequest,
  UpdateTeamRequest,
} from '../../hub-api/types.ts';
import { officialNamespace } from '../routes.ts';
import { useHub } from './hub.tsx';
import { useSession } from './queries.ts';

const most = 100;

/** Those that the reader belongs to, one page of them. */
export function useMyOrganizations(query: PageQuery, enabled = true) {
  const hub = useHub();
  return useQuery({
    queryKey: ['organizations', query],
    queryFn: () => hub.organizations.mine(query),
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** Where the reader may make repositories, their own namespace first. Of organizations those that come first by name. */
export function useNamespaces(): readonly string[] {
  const session = useSession();
  const mine = useMyOrganizations({ page_size: most }, Boolean(session.data));
  if (!session.data) return [];
  const { username, is_admin } = session.data;
  const organizations = mine.data?.results.filter(({ role }) => role !== 'Member') ?? [];
  return [username, ...organizations.map(({ orgname }) => orgname), ...(is_admin ? [officialNamespace] : [])];
}

export function useOrganization(org: string) {
  const hub = useHub();
  return useQuery({ queryKey: ['organization', org], queryFn: () => hub.organizations.get(org) });
}

export function useMembers(org: string, query: MemberListQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['organization', org, 'members', query],
    queryFn: () => hub.organizations.members(org, query),
    placeholderData: keepPreviousData,
  });
}

export function useTeams(org: string, query: TeamListQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['organization', org, 'teams', query],
    queryFn: () => hub.organizations.teams(org, query),
    placeholderData: keepPreviousData,
  });
}

export function useTeam(org: string, team: string) {
  const hub = useHub();
  return useQuery({
    queryKey: ['organization', org, 'team', team],
    queryFn: () => hub.organizations.team(org, team),
  });
}

export function useTeamMembers(org: string, team: string, query: PageQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['organization', org, 'team', team, 'members', query],
    queryFn: () => hub.organizations.teamMembers(org, team, query),
    placeholderData: keepPreviousData,
  });
}

export function useTeamRepositories(org: string, team: string, query: PageQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['organization', org, 'team', team, 'repositories', query],
    queryFn: () => hub.organizations.teamRepositories(org, team, query),
    placeholderData: keepPreviousData,
  });
}

export function useOrganizationTokens(org: string, query: PageQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['organization', org, 'tokens', query],
    queryFn: () => hub.organizations.tokens(org, query),
    placeholderData: keepPreviousData,
  });
}

export function useCreateOrganization() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (request: CreateOrganizationRequest) => hub.organizations.create(request),
    onSuccess: ({ orgname }) => {
      // Somebody may have looked whether the name was free.
      cache.removeQueries({ queryKey: ['user', orgname] });
      cache.removeQueries({ queryKey: ['organization', orgname] });
      return cache.invalidateQueries({ queryKey: ['organizations'] });
    },
  });
}

/** What it answers is looked at again, whether it worked or not. */
function useChange<T, R>(org: string, change: (variables: T) => Promise<R>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ['organization', org] }),
        cache.invalidateQueries({ queryKey: ['organizations'] }),
      ]),
  });
}

export function useUpdateOrganization(org: string) {
  const hub = useHub();
  return useChange(org, (changes: UpdateOrganizationRequest) => hub.organizations.update(org, changes));
}

/** Its page is left before its data goes, or it would show "not found" for a moment. */
export function useDeleteOrganization(org: string) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => hub.organizations.delete(org),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['organizations'] }),
  });
}

export interface Membership {
  readonly username: string;
  readonly role: MemberRole;
}

export function usePutMember(org: string) {
  const hub = useHub();
  return useChange(org, ({ username, role }: Membership) => hub.organizations.putMember(org, username, role));
}

export function useRemoveMember(org: string) {
  const hub = useHub();
  return useChange(org, (username: string) => hub.organizations.removeMember(org, username));
}

/** For the reader themselves: the page is left before it turns into what strangers see. */
export function useLeaveOrganization(org: string) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (username: string) => hub.organizations.removeMember(org, username),
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ['organization', org], refetchType: 'none' }),
        cache.invalidateQueries({ queryKey: ['organizations'] }),
      ]),
  });
}

export function useCreateTeam(org: string) {
  const hub = useHub();
  return useChange(org, (request: CreateTeamRequest) => hub.organizations.createTeam(org, request));
}

/** With another name it has another page, which is opened before this one looks again for what is no more. */
export function useUpdateTeam(org: string, team: string) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (changes: UpdateTeamRequest) => hub.organizations.updateTeam(org, team, changes),
    onSuccess: (changed) => {
      cache.setQueryData(['organization', org, 'team', changed.name], changed);
      return Promise.all([
        cache.invalidateQueries({ queryKey: ['organization', org, 'teams'] }),
        cache.invalidateQueries({ queryKey: ['organization', org, 'members'] }),
      ]);
    },
  });
}

/** Its page is left before its data goes. */
export function useDeleteTeam(org: string, team: string) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => hub.organizations.deleteTeam(org, team),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['organization', org, 'teams'] }),
  });
}

export function useAddTeamMember(org: string, team: string) {
  const hub = useHub();
  return useChange(org, (username: string) => hub.organizations.addTeamMember(org, team, username));
}

export function useRemoveTeamMember(org: string, team: string) {
  const hub = useHub();
  return useChange(org, (username: string) => hub.organizations.removeTeamMember(org, team, username));
}

/** Which right a team has on which repository of its organization; undefined: none any more. */
export interface TeamRight {
  readonly repository: Pick<TeamRepository, 'namespace' | 'name'>;
  readonly teamId: number;
  readonly permission: Permission | undefined;
}

export function useSetTeamRight(org: string) {
  const hub = useHub();
  return useChange(org, async ({ repository, teamId, permission }: TeamRight): Promise<void> => {
    if (permission === undefined) await hub.grants.removeTeam(repository, teamId);
    else await hub.grants.putTeam(repository, teamId, permission);
  });
}

export function useCreateOrganizationToken(org: string) {
  const hub = useHub();
  return useChange(org, (request: CreateOrganizationTokenRequest) =>
    hub.organizations.createToken(org, request),
  );
}

export function useUpdateOrganizationToken(org: string) {
  const hub = useHub();
  return useChange(org, ({ id, ...changes }: UpdateOrganizationTokenRequest & { readonly id: string }) =>
    hub.organizations.updateToken(org, id, changes),
  );
}

export function useDeleteOrganizationToken(org: string) {
  const hub = useHub();
  return useChange(org, (id: string) => hub.organizations.deleteToken(org, id));
}
