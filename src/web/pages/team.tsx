/** A team of an organization: who is in it, and what it may do with which repositories. */
import { Button, Group, NativeSelect, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import type { Permission, PublicUser, SeenOrganization, Team, TeamRepository } from '../../hub-api/types.ts';
import { AddPerson } from '../components/add-person.tsx';
import { ConfirmButton } from '../components/confirm.tsx';
import { Failure, FailureAlert, NotFound } from '../components/failure.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { Pager } from '../components/pager.tsx';
import { usePermissionChoices } from '../components/permissions.ts';
import { ListSkeleton, RepositoryBadges } from '../components/repository-list.tsx';
import { RepositoryName } from '../components/repository-names.tsx';
import { RightControls } from '../components/right-controls.tsx';
import { TeamInputs, useTeamRules } from '../components/team-inputs.tsx';
import {
  useAddTeamMember,
  useDeleteTeam,
  useMembers,
  useOrganization,
  useRemoveTeamMember,
  useSetTeamRight,
  useTeam,
  useTeamMembers,
  useTeamRepositories,
  useUpdateTeam,
} from '../hub/organizations.ts';
import { isFailed } from '../hub/queries.ts';
import { accountPath, organizationPath, repositoryPath, teamPath } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';

const pageSize = 25;
const suggested = 100;

export function TeamPage() {
  const { t } = useTranslation();
  const { org = '', team: name = '' } = useParams();
  const organization = useOrganization(org);
  usePageTitle(`${org} / ${name}`);
  if (organization.isPending) return <Skeleton height={72} aria-label={t('common.loading')} />;
  if (isFailed(organization)) return <Failure error={organization.error} retry={organization.refetch} />;
  if (organization.data.role === null) return <NotFound />;
  return <TeamOf key={name} organization={organization.data} name={name} />;
}

interface TeamOfProps {
  readonly organization: SeenOrganization;
  readonly name: string;
}

function TeamOf({ organization, name }: TeamOfProps) {
  const { t } = useTranslation();
  const { orgname, role } = organization;
  const team = useTeam(orgname, name);
  if (team.isPending) return <Skeleton height={72} aria-label={t('common.loading')} />;
  if (isFailed(team)) return <Failure error={team.error} retry={team.refetch} />;
  const props = { org: orgname, team: team.data };
  return (
    <Stack gap="lg">
      <Head {...props} />
      <Members {...props} mayManage={role === 'Owner'} />
      <Repositories {...props} mayManage={role !== 'Member'} />
      {role === 'Owner' && <Settings {...props} />}
      {role === 'Owner' && <Deletion {...props} />}
    </Stack>
  );
}

interface TeamProps {
  readonly org: string;
  readonly team: Team;
}

function Head({ org, team }: TeamProps) {
  return (
    <div style={{ overflowWrap: 'anywhere' }}>
      <Title order={1} size="h2" fw={500}>
        <Link className="crumb" to={organizationPath(org, 'teams')}>
          {org}
        </Link>
        <Text span inherit c="dimmed" mx={6}>
          /
        </Text>
        <wbr />
        <span className="crumb-name">{team.name}</span>
      </Title>
      {team.description && (
        <Text c="dimmed" mt={4}>
          <bdi>{team.description}</bdi>
        </Text>
      )}
    </div>
  );
}

interface ListProps extends TeamProps {
  readonly mayManage: boolean;
}

function Members({ org, team, mayManage }: ListProps) {
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

function Repositories({ org, team, mayManage }: ListProps) {
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

function Settings({ org, team }: TeamProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const update = useUpdateTeam(org, team.name);
  const { name, description } = team;
  const form = useForm({ initialValues: { name, description }, ...useTeamRules() });
  const submit = form.onSubmit((values) =>
    update.mutate(values, {
      onSuccess: (changed) => {
        notifications.show({ message: t('common.saved') });
        if (changed.name !== name) void navigate(teamPath(org, changed.name), { replace: true });
      },
      onError: (error) => form.setErrors(inputErrors(error, { name: t('teams.nameTaken') })),
    }),
  );
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb="md">
        {t('organization.settings')}
      </Title>
      <form onSubmit={submit} noValidate>
        <Stack gap="md" maw={520}>
          <TeamInputs name={form.getInputProps('name')} description={form.getInputProps('description')} />
          <FailureAlert error={update.error} />
          <Button type="submit" loading={update.isPending} style={{ alignSelf: 'flex-start' }}>
            {t('common.save')}
          </Button>
        </Stack>
      </form>
    </section>
  );
}

function Deletion({ org, team: { name } }: TeamProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const remove = useDeleteTeam(org, name);
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('teams.delete')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('teams.deleteText')}
      </Text>
      <ConfirmButton
        label={t('teams.delete')}
        title={t('teams.deleteTitle', { name })}
        text={t('teams.deleteText')}
        action={t('teams.delete')}
        work={remove}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => {
              notifications.show({ message: t('settings.deleted', { name }) });
              void navigate(organizationPath(org, 'teams'));
            },
          })
        }
      />
    </section>
  );
}
