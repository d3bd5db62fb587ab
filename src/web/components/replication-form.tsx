/** A new rule of replication. */
import {
  Button,
  Checkbox,
  Collapse,
  Group,
  NumberInput,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useCreateReplication } from '../hub/rules.ts';
import { FailureAlert } from './failure.tsx';
import { inputErrors } from './input-errors.ts';

const initialValues = {
  name: '',
  repositories: '',
  tags: '*',
  registry: 'https://',
  prefix: '',
  username: '',
  password: '',
  password_file: '',
  is_insecure: false,
  on_push: true,
  interval_hours: 0 as number | string,
  deletions: false,
};

export function ReplicationForm() {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure();
  const create = useCreateReplication();
  const missing = (value: string): string | null => (value.trim() === '' ? t('replication.missing') : null);
  const form = useForm({
    initialValues,
    validate: {
      name: missing,
      repositories: missing,
      tags: missing,
      registry: (value) => (/^https?:\/\/[^/]/.test(value) ? null : t('replication.registryWrong')),
    },
  });
  const submit = form.onSubmit((values) =>
    create.mutate(
      { ...values, interval_hours: Number(values.interval_hours) },
      {
        onSuccess: () => {
          notifications.show({ message: t('common.saved') });
          form.reset();
          close();
        },
        onError: (error) => form.setErrors(inputErrors(error)),
      },
    ),
  );
  const text = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('replication.new')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('replication.lead')}
      </Text>
      <Button variant="default" aria-expanded={opened} onClick={toggle}>
        {t('replication.begin')}
      </Button>
      <Collapse expanded={opened}>
        <form onSubmit={submit} noValidate>
          <Stack gap="md" mt="md" maw={620}>
            <TextInput label={t('replication.name')} {...text} {...form.getInputProps('name')} />
            <Group grow align="flex-start">
              <TextInput
                label={t('replication.repositories')}
                description={t('replication.repositoriesHint')}
                {...text}
                {...form.getInputProps('repositories')}
              />
              <TextInput
                label={t('replication.tags')}
                description={t('replication.tagsHint')}
                {...text}
                {...form.getInputProps('tags')}
              />
            </Group>
            <Group grow align="flex-start">
              <TextInput
                label={t('replication.registry')}
                description={t('replication.registryHint')}
                {...text}
                {...form.getInputProps('registry')}
              />
              <TextInput
                label={t('replication.prefix')}
                description={t('replication.prefixHint')}
                {...text}
                {...form.getInputProps('prefix')}
              />
            </Group>
            <Group grow align="flex-start">
              <TextInput label={t('replication.username')} {...text} {...form.getInputProps('username')} />
              <PasswordInput
                label={t('replication.password')}
                autoComplete="new-password"
                {...form.getInputProps('password')}
              />
            </Group>
            <TextInput
              label={t('replication.passwordFile')}
              description={t('replication.passwordFileHint')}
              {...text}
              {...form.getInputProps('password_file')}
            />
            <Checkbox
              label={t('replication.onPush')}
              {...form.getInputProps('on_push', { type: 'checkbox' })}
            />
            <NumberInput
              label={t('replication.interval')}
              description={t('replication.intervalHint')}
              min={0}
              max={744}
              allowDecimal={false}
              maw={240}
              {...form.getInputProps('interval_hours')}
            />
            <Checkbox
              label={t('replication.deletions')}
              description={t('replication.deletionsHint')}
              {...form.getInputProps('deletions', { type: 'checkbox' })}
            />
            <Checkbox
              label={t('replication.insecure')}
              {...form.getInputProps('is_insecure', { type: 'checkbox' })}
            />
            <FailureAlert error={create.error} />
            <Button type="submit" loading={create.isPending} style={{ alignSelf: 'flex-start' }}>
              {t('replication.create')}
            </Button>
          </Stack>
        </form>
      </Collapse>
    </section>
  );
}
