/** What a team may do with which repositories; its organization's owners and editors give and take. */
import { Button, Group, NativeSelect, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Permission, Team, TeamRepository } from '../../hub-api/types.ts';
import { useSetTeamRight, useTeamRepositories } from '../hub/organizations.ts';
import { isFailed } from '../hub/queries.ts';
import { repositoryPath } from '../routes.ts';
import { Failure, FailureAlert } from './failure.tsx';
import { Pager } from './pager.tsx';
import { usePermissionChoices } from './permissions.ts';
import { ListSkeleton, RepositoryBadges } from './repository-list.tsx';
import { RepositoryName } from './repository-names.tsx';
import { RightControls } from './right-controls.tsx';

const pageSize = 25;

interface TeamProps {
  readonly org: string;
  readonly team: Team;
}

interface ListProps extends TeamProps {
  readonly mayManage: boolean;
}

export function TeamRepositories({ org, team, mayManage }: ListProps) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const repositories = useTeamRepositories(org, team.name, { page, page_size: pageSize });
  if (repositories.isPending) return <ListSkeleton rows={2} />;
  if (isFailed(repositories)) return <Failure error={repositories.error} retry={repositories.refetch} />;
  const { count, results } = repositories.data;
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('organization.repositories')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('permissions.hint')}
      </Text>
      {mayManage && <AddRepository org={org} team={team} />}
      {count === 0 && (
        <Text size="sm" c="dimmed" mt="sm">
          {t('teams.noRepositories')}
        </Text>
      )}
      <ul className="rows" aria-label={t('organization.repositories')}>
        {results.map((repository) => (
          <li key={repository.name} className="setting-row">
            <RepositoryRow org={org} team={team} repository={repository} mayManage={mayManage} />
          </li>
        ))}
      </ul>
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </section>
  );
}

function AddRepository({ org, team }: TeamProps) {
  const { t } = useTranslation();
  const set = useSetTeamRight(org);
  const choices = usePermissionChoices();
  const form = useForm<{ name: string | null; permission: Permission }>({
    initialValues: { name: null, permission: 'read' },
    validate: { name: (value) => (value === null ? t('teams.repositoryEmpty') : null) },
  });
  const submit = form.onSubmit(({ name, permission }) => {
    if (name === null) return;
    const repository = { namespace: org, name };
    set.mutate(
      { repository, teamId: team.id, permission },
      { onSuccess: () => form.setFieldValue('name', null) },
    );
  });
  const { value, onChange, error } = form.getInputProps('name') as {
    value: string | null;
    onChange: (name: string | null) => void;
    error?: string;
  };
  return (
    <form onSubmit={submit} noValidate aria-label={t('teams.addRepository')}>
      <Group align="flex-start" gap="sm">
        <RepositoryName namespace={org} value={value} onChange={onChange} error={error} />
        <NativeSelect label={t('permissions.label')} data={choices} {...form.getInputProps('permission')} />
        <Button type="submit" variant="default" mt={25} loading={set.isPending}>
          {t('people.add')}
        </Button>
      </Group>
      <FailureAlert error={set.error} />
    </form>
  );
}

interface RepositoryRowProps extends ListProps {
  readonly repository: TeamRepository;
}

function RepositoryRow({ org, team, repository, mayManage }: RepositoryRowProps) {
  const { t } = useTranslation();
  const set = useSetTeamRight(org);
  const { namespace, name, is_private, permission } = repository;
  const give = (next: Permission | undefined): void =>
    set.mutate({ repository, teamId: team.id, permission: next });
  return (
    <>
      <div style={{ minWidth: 0 }}>
        <Group gap="xs">
          <Link className="repository-link" to={repositoryPath(namespace, name)}>
            {name}
          </Link>
          <RepositoryBadges namespace={namespace} isPrivate={is_private} />
        </Group>
        <FailureAlert error={set.error} />
      </div>
      {mayManage ? (
        <RightControls
          name={name}
          label={t('permissions.of', { name })}
          permission={permission}
          isPending={set.isPending}
          give={give}
        />
      ) : (
        <Text size="sm" c="dimmed" flex="none">
          {t(`permissions.${permission}`)}
        </Text>
      )}
    </>
  );
}
