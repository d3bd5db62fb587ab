/** What the owner of a repository changes: descriptions, visibility, its existence. */
import { Button, Group, Modal, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Repository } from '../../hub-api/types.ts';
import { Collaborators } from '../components/collaborators.tsx';
import { ConfirmButton } from '../components/confirm.tsx';
import { DeletedTags } from '../components/deleted-tags.tsx';
import { FailureAlert } from '../components/failure.tsx';
import { ImmutableTags } from '../components/immutable-tags.tsx';
import { inputErrors } from '../components/input-errors.ts';
import { LazyWebhooks } from '../components/lazy-webhooks.tsx';
import { RenameRepository, TransferRepository } from '../components/move-repository.tsx';
import { ReadmeInput } from '../components/readme-input.tsx';
import { RepositoryCategories } from '../components/repository-categories.tsx';
import { familiarName } from '../components/repository-list.tsx';
import { Retention } from '../components/retention.tsx';
import { TeamRights } from '../components/team-rights.tsx';
import { useDeleteRepository, useUpdateRepository } from '../hub/mutations.ts';
import { useAccount } from '../hub/queries.ts';
import { accountPath } from '../routes.ts';

const longestDescription = 100;
const longestReadme = 25_000;

interface SettingsProps {
  readonly repository: Repository;
}

export function RepositorySettings({ repository }: SettingsProps) {
  return (
    <Stack gap="lg" maw={760}>
      <Descriptions repository={repository} />
      <RepositoryCategories repository={repository} />
      <Visibility repository={repository} />
      <Rights repository={repository} />
      <ImmutableTags repository={repository} />
      <Retention scope={{ namespace: repository.namespace, name: repository.name }} />
      <LazyWebhooks place={{ namespace: repository.namespace, name: repository.name }} />
      <RenameRepository repository={repository} />
      {repository.affiliation === 'owner' && <TransferRepository repository={repository} />}
      <DeletedTags repository={repository} />
      <Deletion repository={repository} />
    </Stack>
  );
}

/** Of an organization's repository teams have rights; so may single people, wherever it is. */
function Rights({ repository }: SettingsProps) {
  const isOrganizations = useIsOrganization(repository.namespace);
  return (
    <>
      {isOrganizations && <TeamRights repository={repository} />}
      <Collaborators repository={repository} />
    </>
  );
}

function useIsOrganization(namespace: string): boolean {
  return useAccount(namespace).data?.type === 'Organization';
}

function Descriptions({ repository }: SettingsProps) {
  const { t } = useTranslation();
  const update = useUpdateRepository(repository);
  const form = useForm({
    initialValues: {
      description: repository.description,
      full_description: repository.full_description,
    },
    validate: {
      description: (value) =>
        value.length > longestDescription ? t('create.descriptionLong', { count: longestDescription }) : null,
      full_description: (value) =>
        value.length > longestReadme ? t('create.descriptionLong', { count: longestReadme }) : null,
    },
  });
  const submit = form.onSubmit((values) =>
    update.mutate(values, {
      onSuccess: () => notifications.show({ message: t('common.saved') }),
      onError: (error) => form.setErrors(inputErrors(error)),
    }),
  );
  return (
    <section className="card panel">
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('settings.general')}
            description={t('create.descriptionHint')}
            {...form.getInputProps('description')}
          />
          <ReadmeInput {...form.getInputProps('full_description')} />
          <FailureAlert error={update.error} />
          <Button type="submit" loading={update.isPending} style={{ alignSelf: 'flex-start' }}>
            {t('common.save')}
          </Button>
        </Stack>
      </form>
    </section>
  );
}

function Visibility({ repository }: SettingsProps) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  const update = useUpdateRepository(repository);
  const isPrivate = repository.is_private;
  const isOrganizations = useIsOrganization(repository.namespace);
  const whoSees = isOrganizations ? t('settings.isPrivateOrganization') : t('settings.isPrivate');
  const action = isPrivate ? t('settings.makePublic') : t('settings.makePrivate');
  const confirm = () =>
    update.mutate(
      { is_private: !isPrivate },
      {
        onSuccess: () => {
          close();
          notifications.show({
            message: isPrivate ? t('settings.madePublic') : t('settings.madePrivate'),
          });
        },
      },
    );
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('settings.visibilityTitle')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {isPrivate ? whoSees : t('settings.isPublic')}
      </Text>
      <Button variant="default" onClick={open}>
        {action}
      </Button>
      <Modal opened={opened} onClose={close} title={action} centered>
        <Stack gap="md">
          <Text size="sm">{isPrivate ? t('settings.makePublicText') : t('settings.makePrivateText')}</Text>
          <FailureAlert error={update.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button loading={update.isPending} onClick={confirm}>
              {action}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </section>
  );
}

function Deletion({ repository }: SettingsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const remove = useDeleteRepository(repository);
  const name = familiarName(repository.namespace, repository.name);
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('settings.deleteTitle')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('settings.deleteText')}
      </Text>
      <ConfirmButton
        label={t('settings.deleteButton')}
        title={t('settings.deleteConfirmTitle', { name })}
        text={t('settings.deleteText')}
        action={t('settings.deleteButton')}
        name={name}
        work={remove}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => {
              notifications.show({ message: t('settings.deleted', { name }) });
              void navigate(accountPath(repository.namespace));
            },
          })
        }
      />
    </section>
  );
}
