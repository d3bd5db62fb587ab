/** A team of an organization: who is in it, and what it may do with which repositories. */
import { Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import type { SeenOrganization, Team } from '../../hub-api/types.ts';
import { ConfirmButton } from '../components/confirm.tsx';
import { Failure, FailureAlert, NotFound } from '../components/failure.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { TeamInputs, useTeamRules } from '../components/team-inputs.tsx';
import { TeamMembers } from '../components/team-members.tsx';
import { TeamRepositories } from '../components/team-repositories.tsx';
import { useDeleteTeam, useOrganization, useTeam, useUpdateTeam } from '../hub/organizations.ts';
import { isFailed } from '../hub/queries.ts';
import { organizationPath, teamPath } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';

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
      <TeamMembers {...props} mayManage={role === 'Owner'} />
      <TeamRepositories {...props} mayManage={role !== 'Member'} />
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
