/** Another name for a repository, and another namespace. Its old address leads to it afterwards. */
import { Button, Group, Select, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Repository } from '../../hub-api/types.ts';
import { useNamespaces } from '../hub/organizations.ts';
import { useMoveRepository } from '../hub/repository-settings.ts';
import { repositoryPath } from '../routes.ts';
import { ConfirmButton } from './confirm.tsx';
import { FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';
import { familiarName } from './repository-list.tsx';
import { useRepositoryNameRule } from './repository-name-rule.ts';

interface MoveProps {
  readonly repository: Repository;
}

/** Opens the page that the repository has from here on. */
function useFollow() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return ({ namespace, name }: Repository): void => {
    notifications.show({ message: t('move.done', { name: familiarName(namespace, name) }) });
    void navigate(repositoryPath(namespace, name, 'settings'), { replace: true });
  };
}

export function RenameRepository({ repository }: MoveProps) {
  const { t } = useTranslation();
  const follow = useFollow();
  const move = useMoveRepository(repository);
  const form = useForm({
    initialValues: { name: repository.name },
    validateInputOnChange: ['name'],
    validate: { name: useRepositoryNameRule() },
  });
  const submit = form.onSubmit((values) =>
    move.mutate(values, {
      onSuccess: follow,
      onError: (error) => form.setErrors(inputErrors(error, { name: t('create.nameTaken') })),
    }),
  );
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('move.renameTitle')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('move.redirect')}
      </Text>
      <form onSubmit={submit} noValidate>
        <Group align="flex-start" gap="sm">
          <TextInput
            aria-label={t('create.name')}
            flex="1 1 220px"
            maw={360}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={255}
            {...form.getInputProps('name')}
          />
          <Button
            type="submit"
            variant="default"
            disabled={form.values.name === repository.name}
            loading={move.isPending}
          >
            {t('move.rename')}
          </Button>
        </Group>
        <FailureAlert error={move.error} />
      </form>
    </section>
  );
}

/** For owners only. */
export function TransferRepository({ repository }: MoveProps) {
  const { t } = useTranslation();
  const follow = useFollow();
  const move = useMoveRepository(repository);
  const targets = useNamespaces().filter((namespace) => namespace !== repository.namespace);
  const [target, setTarget] = useState<string | null>(null);
  const name = familiarName(repository.namespace, repository.name);
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('move.transferTitle')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {targets.length === 0 ? t('move.nowhere') : t('move.transferLead')}
      </Text>
      {targets.length > 0 && (
        <Group align="flex-start" gap="sm">
          <Select
            aria-label={t('create.namespace')}
            placeholder={t('create.namespace')}
            flex="1 1 200px"
            maw={300}
            data={targets}
            value={target}
            onChange={setTarget}
          />
          <ConfirmButton
            label={t('move.transfer')}
            look={{ disabled: target === null }}
            title={t('move.confirmTitle', { name, to: target })}
            text={
              <>
                {t('move.confirmText', { to: target })} {t('move.redirect')}
              </>
            }
            action={t('move.transfer')}
            name={name}
            work={move}
            problem={
              move.error
                ? inputErrors(move.error, { name: t('move.taken', { to: target }) })['name']
                : undefined
            }
            onConfirm={() => target !== null && move.mutate({ namespace: target }, { onSuccess: follow })}
          />
        </Group>
      )}
    </section>
  );
}
