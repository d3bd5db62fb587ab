/** Who belongs to an organization, as what, in which teams. Owners add people, change roles and take them away. */
import { Badge, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { Member, MemberRole, SeenOrganization } from '../../hub-api/types.ts';
import { AddPerson } from '../components/add-person.tsx';
import { ConfirmButton } from '../components/confirm.tsx';
import { Failure, FailureAlert } from '../components/failure.tsx';
import { ListFilter, useFiltering } from '../components/list-filter.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { useLeaveOrganization, useMembers, usePutMember, useRemoveMember } from '../hub/organizations.ts';
import { isFailed, useSession } from '../hub/queries.ts';
import { accountPath, patterns, teamPath } from '../routes.ts';

const pageSize = 25;
const roles = { member: 'Member', editor: 'Editor', owner: 'Owner' } as const;
const roleNames = Object.keys(roles) as (keyof typeof roles)[];

interface MembersProps {
  readonly organization: SeenOrganization;
}

export function OrganizationMembers({ organization }: MembersProps) {
  const { t } = useTranslation();
  const { orgname, role } = organization;
  const filtering = useFiltering();
  const { term, page } = filtering;
  const members = useMembers(orgname, { page, page_size: pageSize, ...(term && { search: term }) });
  return (
    <Stack gap="lg">
      {role === 'Owner' && <AddMember org={orgname} />}
      <section>
        <Group justify="space-between" mb="sm">
          <Title order={2} size="h4">
            {t('organization.members')}
          </Title>
          <ListFilter label={t('members.filter')} filtering={filtering} />
        </Group>
        {members.isPending && <ListSkeleton />}
        {isFailed(members) && <Failure error={members.error} retry={members.refetch} />}
        {members.data?.count === 0 && <Text c="dimmed">{t('members.noMatch', { query: term })}</Text>}
        {members.data && members.data.count > 0 && (
          <>
            <ul className="rows card" aria-label={t('organization.members')}>
              {members.data.results.map((member) => (
                <li key={member.username} className="row person-row">
                  <Row organization={organization} member={member} />
                </li>
              ))}
            </ul>
            <Pager count={members.data.count} pageSize={pageSize} page={page} onChange={filtering.setPage} />
          </>
        )}
      </section>
    </Stack>
  );
}

function useRoleChoices() {
  const { t } = useTranslation();
  return roleNames.map((value) => ({ value, label: t(`roles.${roles[value]}`) }));
}

function AddMember({ org }: { readonly org: string }) {
  const { t } = useTranslation();
  const put = usePutMember(org);
  const data = useRoleChoices();
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb="sm">
        {t('members.addTitle')}
      </Title>
      <AddPerson<MemberRole>
        label={t('members.addTitle')}
        action={t('people.add')}
        choice={{ label: t('members.role'), first: 'member', data }}
        work={put}
        add={(username, role, callbacks) => put.mutate({ username, role }, callbacks)}
      />
      <Text size="sm" c="dimmed" mt="sm">
        {t('members.rolesHint')}
      </Text>
    </section>
  );
}

interface RowProps extends MembersProps {
  readonly member: Member;
}

function Row({ organization, member }: RowProps) {
  const { orgname } = organization;
  const { username, full_name, email, groups } = member;
  return (
    <>
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Link className="repository-link" to={accountPath(username)}>
          {username}
        </Link>
        {(full_name || email) && (
          <Text size="sm" c="dimmed">
            <bdi>{[full_name, email].filter(Boolean).join(' · ')}</bdi>
          </Text>
        )}
        {groups.length > 0 && (
          <Group gap={6} mt={6}>
            {groups.map((team) => (
              <Badge
                key={team}
                component={Link}
                to={teamPath(orgname, team)}
                variant="light"
                color="gray"
                size="sm"
                tt="none"
                style={{ cursor: 'pointer' }}
              >
                {team}
              </Badge>
            ))}
          </Group>
        )}
      </div>
      <RowActions organization={organization} member={member} />
    </>
  );
}

function RowActions({ organization, member }: RowProps) {
  const { t } = useTranslation();
  const session = useSession();
  const put = usePutMember(organization.orgname);
  const data = useRoleChoices();
  const { username } = member;
  const isOwn = session.data?.username === username;
  const isOwner = organization.role === 'Owner';
  const roleOf = (name: MemberRole): boolean => roles[name] === member.role;
  return (
    <div>
      <Group gap="xs" wrap="nowrap" justify="flex-end">
        {isOwner ? (
          <NativeSelect
            size="xs"
            aria-label={t('members.roleOf', { name: username })}
            data={data}
            disabled={put.isPending}
            value={roleNames.find(roleOf) ?? 'member'}
            onChange={(event) => put.mutate({ username, role: event.currentTarget.value as MemberRole })}
          />
        ) : (
          <Badge variant="light" color="gray" tt="none">
            {t(`roles.${member.role}`)}
          </Badge>
        )}
        {isOwn && <Leave organization={organization} username={username} />}
        {!isOwn && isOwner && <Remove organization={organization} username={username} />}
      </Group>
      <FailureAlert error={put.error} conflict={t('members.lastOwner')} />
    </div>
  );
}

interface ActionProps extends MembersProps {
  readonly username: string;
}

function Remove({ organization, username }: ActionProps) {
  const { t } = useTranslation();
  const { orgname } = organization;
  const remove = useRemoveMember(orgname);
  return (
    <ConfirmButton
      label={t('people.remove')}
      ariaLabel={t('people.removeThis', { name: username })}
      look={{ size: 'xs' }}
      title={t('members.removeTitle', { name: username, org: orgname })}
      text={t('members.removeText')}
      action={t('people.remove')}
      work={remove}
      conflict={t('members.lastOwner')}
      onConfirm={(close) => remove.mutate(username, { onSuccess: close })}
    />
  );
}

function Leave({ organization, username }: ActionProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { orgname } = organization;
  const leave = useLeaveOrganization(orgname);
  return (
    <ConfirmButton
      label={t('members.leave')}
      look={{ size: 'xs' }}
      title={t('members.leaveTitle', { org: orgname })}
      text={t('members.leaveText')}
      action={t('members.leave')}
      work={leave}
      conflict={t('members.lastOwner')}
      onConfirm={() => leave.mutate(username, { onSuccess: () => void navigate(patterns.organizations) })}
    />
  );
}
