/** Repositories of a namespace that were deleted and can be brought back; nothing where there are none. */
import { Button, Group, Modal, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { HubInputError } from '../../hub-api/client-errors.ts';
import type { DeletedRepository, Repository } from '../../hub-api/types.ts';
import { useDeletedRepositories, useRestoreRepository } from '../hub/repository-settings.ts';
import { repositoryPath } from '../routes.ts';
import { DeletionFacts } from './deletion-facts.tsx';
import { FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { Pager } from './pager.tsx';
import { familiarName, RepositoryBadges } from './repository-list.tsx';
import { useRepositoryNameRule } from './repository-name-rule.ts';

const pageSize = 10;

export function DeletedRepositories({ namespace }: { readonly namespace: string }) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const deleted = useDeletedRepositories(namespace, { page, page_size: pageSize });
  // Whoever reads this looks for something else: what fails here is not their matter.
  if (!deleted.data || deleted.data.count === 0) return null;
  const { count, results } = deleted.data;
  return (
    <section>
      <Title order={2} size="h4" mt="xl" mb={4}>
        {t('deleted.repositories')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('deleted.repositoriesLead')}
      </Text>
      <ul className="rows card" aria-label={t('deleted.repositories')}>
        {results.map((repository) => (
          <li key={repository.id} className="row person-row">
            <Row repository={repository} />
          </li>
        ))}
      </ul>
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </section>
  );
}

function useOpenRestored() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return ({ namespace, name }: Repository): void => {
    notifications.show({ message: t('deleted.restored', { name: familiarName(namespace, name) }) });
    void navigate(repositoryPath(namespace, name));
  };
}

function Row({ repository }: { readonly repository: DeletedRepository }) {
  const { t } = useTranslation();
  const { id, namespace, name, is_private } = repository;
  const restore = useRestoreRepository(namespace);
  const openRestored = useOpenRestored();
  const [opened, { open, close }] = useDisclosure();
  const isTaken = restore.error instanceof HubInputError;
  const familiar = familiarName(namespace, name);
  return (
    <>
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Group gap="xs">
          <Text span fw={600}>
            {familiar}
          </Text>
          <RepositoryBadges namespace={namespace} isPrivate={is_private} />
        </Group>
        <DeletionFacts deletion={repository} />
        {!isTaken && <FailureAlert error={restore.error} />}
      </div>
      <Button
        size="xs"
        variant="default"
        loading={restore.isPending}
        aria-label={t('deleted.restoreThis', { name: familiar })}
        onClick={() =>
          restore.mutate(
            { id },
            { onSuccess: openRestored, onError: (error) => error instanceof HubInputError && open() },
          )
        }
      >
        {t('deleted.restore')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('deleted.otherNameTitle', { name: familiar })} centered>
        <OtherName repository={repository} close={close} />
      </Modal>
    </>
  );
}

interface OtherNameProps {
  readonly repository: DeletedRepository;
  readonly close: () => void;
}

/** Its own name was taken since. */
function OtherName({ repository, close }: OtherNameProps) {
  const { t } = useTranslation();
  const restore = useRestoreRepository(repository.namespace);
  const openRestored = useOpenRestored();
  const form = useForm({ initialValues: { name: '' }, validate: { name: useRepositoryNameRule() } });
  const submit = form.onSubmit(({ name }) =>
    restore.mutate(
      { id: repository.id, name },
      {
        onSuccess: openRestored,
        onError: (error) => form.setErrors(inputErrors(error, { name: t('create.nameTaken') })),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t('deleted.otherName')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={255}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <FailureAlert error={restore.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={restore.isPending}>
            {t('deleted.restore')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
