/** Which teams of its organization have rights on a repository. */
import { Button, Group, NativeSelect, Select, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Permission, Repository, TeamGrant } from '../../hub-api/types.ts';
import { useTeams } from '../hub/organizations.ts';
import { isFailed } from '../hub/queries.ts';
import { useSetTeamGrant, useTeamGrants } from '../hub/repository-settings.ts';
import { teamPath } from '../routes.ts';
import { Failure, FailureAlert } from './failure.tsx';
import { Pager } from './pager.tsx';
import { usePermissionChoices } from './permissions.ts';
import { ListSkeleton } from './repository-list.tsx';
import { RightControls } from './right-controls.tsx';

const pageSize = 25;
const offered = 20;
const typingPause = 200;

interface TeamRightsProps {
  readonly repository: Repository;
}

export function TeamRights({ repository }: TeamRightsProps) {
  const { t } = useTranslation();
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('organization.teams')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('rights.teamsLead')} {t('permissions.hint')}
      </Text>
      <AddTeam repository={repository} />
      <List repository={repository} />
    </section>
  );
}

/** Only members see which teams there are: who is none gets no form. */
function AddTeam({ repository }: TeamRightsProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), typingPause);
  const teams = useTeams(repository.namespace, { page_size: offered, ...(search && { search }) });
  const set = useSetTeamGrant(repository);
  const choices = usePermissionChoices();
  const form = useForm<{ team: string | null; permission: Permission }>({
    initialValues: { team: null, permission: 'read' },
    validate: { team: (value) => (value === null ? t('rights.teamEmpty') : null) },
  });
  if (teams.isError) return null;
  const submit = form.onSubmit(({ team, permission }) =>
    set.mutate({ teamId: Number(team), permission }, { onSuccess: () => form.setFieldValue('team', null) }),
  );
  return (
    <form onSubmit={submit} noValidate aria-label={t('rights.addTeam')}>
      <Group align="flex-start" gap="sm">
        <Select
          label={t('rights.team')}
          data={teams.data?.results.map(({ id, name }) => ({ value: String(id), label: name })) ?? []}
          searchable
          searchValue={typed}
          onSearchChange={setTyped}
          nothingFoundMessage={t('teams.noMatch', { query: typed })}
          flex="1 1 220px"
          maw={300}
          {...form.getInputProps('team')}
        />
        <NativeSelect label={t('permissions.label')} data={choices} {...form.getInputProps('permission')} />
        <Button type="submit" variant="default" mt={25} loading={set.isPending}>
          {t('people.add')}
        </Button>
      </Group>
      <FailureAlert error={set.error} />
    </form>
  );
}

function List({ repository }: TeamRightsProps) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const grants = useTeamGrants(repository, { page, page_size: pageSize });
  if (grants.isPending) return <ListSkeleton rows={1} />;
  if (isFailed(grants)) return <Failure error={grants.error} retry={grants.refetch} />;
  const { count, results } = grants.data;
  if (count === 0) {
    return (
      <Text size="sm" c="dimmed" mt="sm">
        {t('rights.noTeams')}
      </Text>
    );
  }
  return (
    <>
      <ul className="rows" aria-label={t('organization.teams')}>
        {results.map((grant) => (
          <li key={grant.group_id} className="setting-row">
            <Row repository={repository} grant={grant} />
          </li>
        ))}
      </ul>
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </>
  );
}

function Row({ repository, grant }: TeamRightsProps & { readonly grant: TeamGrant }) {
  const { t } = useTranslation();
  const set = useSetTeamGrant(repository);
  const { group_id: teamId, group_name: name, permission } = grant;
  return (
    <>
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Link className="repository-link" to={teamPath(repository.namespace, name)}>
          {name}
        </Link>
        <FailureAlert error={set.error} />
      </div>
      <RightControls
        name={name}
        label={t('rights.of', { name })}
        permission={permission}
        isPending={set.isPending}
        give={(next) => set.mutate({ teamId, permission: next })}
      />
    </>
  );
}
