/** What an owner changes of an organization: what everybody may know of it, and its existence. */
import { Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { SeenOrganization } from '../../hub-api/types.ts';
import { AuditSection } from '../components/audit-section.tsx';
import { ConfirmButton } from '../components/confirm.tsx';
import { LazyWebhooks } from '../components/lazy-webhooks.tsx';
import { ProfileForm } from '../components/profile-form.tsx';
import { Retention } from '../components/retention.tsx';
import { useDeleteOrganization, useUpdateOrganization } from '../hub/organizations.ts';
import { patterns } from '../routes.ts';

interface SettingsProps {
  readonly organization: SeenOrganization;
}

export function OrganizationSettings({ organization }: SettingsProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="lg" maw={760}>
      <Profile organization={organization} />
      <Retention scope={{ namespace: organization.orgname }} />
      <LazyWebhooks place={{ namespace: organization.orgname }} />
      <AuditSection account={organization.orgname} lead={t('audit.leadOrganization')} />
      <Deletion organization={organization} />
    </Stack>
  );
}

function Profile({ organization }: SettingsProps) {
  const { t } = useTranslation();
  const update = useUpdateOrganization(organization.orgname);
  return <ProfileForm profile={organization} nameLabel={t('profile.organizationName')} update={update} />;
}

function Deletion({ organization }: SettingsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { orgname: name } = organization;
  const remove = useDeleteOrganization(name);
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('organization.deleteTitle')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('organization.deleteText')}
      </Text>
      <ConfirmButton
        label={t('organization.deleteTitle')}
        title={t('settings.deleteConfirmTitle', { name })}
        text={t('organization.deleteText')}
        action={t('organization.deleteTitle')}
        name={name}
        work={remove}
        conflict={t('organization.deleteFirst')}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => {
              notifications.show({ message: t('settings.deleted', { name }) });
              void navigate(patterns.organizations);
            },
          })
        }
      />
    </section>
  );
}
