/** Who is in a team; its organization's owners add and remove. */
import { Button, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { PublicUser, Team } from '../../hub-api/types.ts';
import { useAddTeamMember, useMembers, useRemoveTeamMember, useTeamMembers } from '../hub/organizations.ts';
import { isFailed } from '../hub/queries.ts';
import { accountPath } from '../routes.ts';
import { AddPerson } from './add-person.tsx';
import { Failure, FailureAlert } from './failure.tsx';
import { Pager } from './pager.tsx';
import { ListSkeleton } from './repository-list.tsx';

const pageSize = 25;
const suggested = 100;

interface TeamProps {
  readonly org: string;
  readonly team: Team;
}

interface ListProps extends TeamProps {
  readonly mayManage: boolean;
}

export function TeamMembers({ org, team, mayManage }: ListProps) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const members = useTeamMembers(org, team.name, { page, page_size: pageSize });
  if (members.isPending) return <ListSkeleton rows={2} />;
  if (isFailed(members)) return <Failure error={members.error} retry={members.refetch} />;
  const { count, results } = members.data;
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb="sm">
        {t('organization.members')}
      </Title>
      {mayManage && <AddMember org={org} team={team} />}
      {count === 0 && (
        <Text size="sm" c="dimmed" mt="sm">
          {t('teams.nobody')}
        </Text>
      )}
      <ul className="rows" aria-label={t('organization.members')}>
        {results.map((member) => (
          <li key={member.username} className="setting-row">
            <MemberRow org={org} team={team} member={member} mayManage={mayManage} />
          </li>
        ))}
      </ul>
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </section>
  );
}

/** Those of the organization are suggested; who is no member yet becomes one. */
function AddMember({ org, team }: TeamProps) {
  const { t } = useTranslation();
  const members = useMembers(org, { page_size: suggested });
  const add = useAddTeamMember(org, team.name);
  return (
    <AddPerson
      label={t('members.addTitle')}
      action={t('people.add')}
      suggestions={members.data?.results.map(({ username }) => username) ?? []}
      work={add}
      add={(username, _chosen, callbacks) => add.mutate(username, callbacks)}
    />
  );
}

interface MemberRowProps extends ListProps {
  readonly member: PublicUser;
}

function MemberRow({ org, team, member, mayManage }: MemberRowProps) {
  const { t } = useTranslation();
  const remove = useRemoveTeamMember(org, team.name);
  const { username, full_name } = member;
  return (
    <>
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Link className="repository-link" to={accountPath(username)}>
          {username}
        </Link>
        {full_name && (
          <Text span size="sm" c="dimmed" ml={8}>
            <bdi>{full_name}</bdi>
          </Text>
        )}
        <FailureAlert error={remove.error} />
      </div>
      {mayManage && (
        <Button
          size="xs"
          variant="default"
          flex="none"
          loading={remove.isPending}
          aria-label={t('people.removeThis', { name: username })}
          onClick={() => remove.mutate(username)}
        >
          {t('people.remove')}
        </Button>
      )}
    </>
  );
}
