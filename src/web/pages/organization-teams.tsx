/** The teams of an organization, and a new one. */
import { Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { SeenOrganization } from '../../hub-api/types.ts';
import { Failure, FailureAlert } from '../components/failure.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { ListFilter, useFiltering } from '../components/list-filter.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { TeamInputs, useTeamRules } from '../components/team-inputs.tsx';
import { useCreateTeam, useTeams } from '../hub/organizations.ts';
import { isFailed } from '../hub/queries.ts';
import { teamPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

const pageSize = 25;

export function OrganizationTeams({ organization }: { readonly organization: SeenOrganization }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { orgname, role } = organization;
  const filtering = useFiltering();
  const { term, page } = filtering;
  const teams = useTeams(orgname, { page, page_size: pageSize, ...(term && { search: term }) });
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {t('organization.teams')}
        </Title>
        <Group gap="sm" flex="1 1 260px" justify="flex-end">
          <ListFilter label={t('teams.filter')} filtering={filtering} />
          {role === 'Owner' && <NewTeam org={orgname} />}
        </Group>
      </Group>
      {teams.isPending && <ListSkeleton />}
      {isFailed(teams) && <Failure error={teams.error} retry={teams.refetch} />}
      {teams.data?.count === 0 && (
        <Text c="dimmed">{term ? t('teams.noMatch', { query: term }) : t('teams.none')}</Text>
      )}
      {teams.data && teams.data.count > 0 && (
        <>
          <ul className="rows card" aria-label={t('organization.teams')}>
            {teams.data.results.map((team) => (
              <li key={team.name} className="row">
                <Link className="repository-link" to={teamPath(orgname, team.name)}>
                  {team.name}
                </Link>
                <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {t('teams.members', {
                    count: team.member_count,
                    formatted: format.number(team.member_count),
                  })}
                  {team.description && (
                    <>
                      {' · '}
                      <bdi>{team.description}</bdi>
                    </>
                  )}
                </Text>
              </li>
            ))}
          </ul>
          <Pager count={teams.data.count} pageSize={pageSize} page={page} onChange={filtering.setPage} />
        </>
      )}
    </section>
  );
}

function NewTeam({ org }: { readonly org: string }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button onClick={open}>{t('teams.new')}</Button>
      <Modal opened={opened} onClose={close} title={t('teams.new')} centered>
        <NewTeamForm org={org} close={close} />
      </Modal>
    </>
  );
}

function NewTeamForm({ org, close }: { readonly org: string; readonly close: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useCreateTeam(org);
  const form = useForm({ initialValues: { name: '', description: '' }, ...useTeamRules() });
  const submit = form.onSubmit((values) =>
    create.mutate(values, {
      onSuccess: (team) => void navigate(teamPath(org, team.name)),
      onError: (error) => form.setErrors(inputErrors(error, { name: t('teams.nameTaken') })),
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TeamInputs name={form.getInputProps('name')} description={form.getInputProps('description')} />
        <FailureAlert error={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('teams.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
